// A thread writes after it has posted a semaphore.
#include <pthread.h>
#include <semaphore.h>

#include "support/invisible_barrier.h"

sem_t semaphore;
csp::testing::InvisibleCounter written;
int value;

void* write_value(void*) {
  sem_post(&semaphore);
  value = 1;  // RACE
  invisibly_signal(written);
  return nullptr;
}

int main() {
  sem_init(&semaphore, 0, 0);
  pthread_t thread;
  pthread_create(&thread, nullptr, write_value, nullptr);
  while (sem_wait(&semaphore) != 0) {
  }
  invisibly_await(written, 1);
  value = 2;  // RACE
  pthread_join(thread, nullptr);
  sem_destroy(&semaphore);
}
