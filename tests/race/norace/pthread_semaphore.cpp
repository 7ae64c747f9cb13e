// A thread writes, and then posts a semaphore.
#include <pthread.h>
#include <semaphore.h>

sem_t semaphore;
int value;

void* write_value(void*) {
  value = 1;
  sem_post(&semaphore);
  return nullptr;
}

int main() {
  sem_init(&semaphore, 0, 0);
  pthread_t thread;
  pthread_create(&thread, nullptr, write_value, nullptr);
  while (sem_wait(&semaphore) != 0) {
  }
  value = 2;
  pthread_join(thread, nullptr);
  sem_destroy(&semaphore);
}
