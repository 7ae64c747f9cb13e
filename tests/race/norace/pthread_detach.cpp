// A detached thread says by a semaphore that it is done.
#include <pthread.h>
#include <semaphore.h>

#include "support/invisible_barrier.h"

sem_t done;
csp::testing::InvisibleCounter written;
int value;

void* write_value(void*) {
  pthread_detach(pthread_self());
  value = 1;
  sem_post(&done);
  invisibly_signal(written);
  return nullptr;
}

int main() {
  sem_init(&done, 0, 0);
  for (int i = 0; i < 20; ++i) {
    pthread_t thread;
    pthread_create(&thread, nullptr, write_value, nullptr);
    invisibly_await(written, i + 1);
    while (sem_wait(&done) != 0) {
    }
    value = 2;
  }
}
