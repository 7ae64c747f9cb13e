// A thread writes before the barrier that another reads behind.
#include <pthread.h>

pthread_barrier_t barrier;
int value;

void* write_value(void*) {
  value = 1;
  pthread_barrier_wait(&barrier);
  return nullptr;
}

int main() {
  pthread_barrier_init(&barrier, nullptr, 2);
  pthread_t thread;
  pthread_create(&thread, nullptr, write_value, nullptr);
  pthread_barrier_wait(&barrier);
  const int seen = value;
  pthread_join(thread, nullptr);
  pthread_barrier_destroy(&barrier);
  return seen == 2 ? 1 : 0;
}
