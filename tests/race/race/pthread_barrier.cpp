// A thread writes after the barrier that another reads behind.
#include <pthread.h>

pthread_barrier_t barrier;
int value;

void* write_value(void*) {
  pthread_barrier_wait(&barrier);
  value = 1;  // RACE
  return nullptr;
}

int main() {
  pthread_barrier_init(&barrier, nullptr, 2);
  pthread_t thread;
  pthread_create(&thread, nullptr, write_value, nullptr);
  pthread_barrier_wait(&barrier);
  const int seen = value;  // RACE
  pthread_join(thread, nullptr);
  pthread_barrier_destroy(&barrier);
  return seen == 2 ? 1 : 0;
}
