// Threads meet at one barrier many times, and take turns in writing.
#include <pthread.h>

pthread_barrier_t barrier;
int value;

void* take_turns(void* second) {
  for (int round = 0; round < 100; ++round) {
    if ((round % 2 == 0) == (second == nullptr)) ++value;
    pthread_barrier_wait(&barrier);
  }
  return nullptr;
}

int main() {
  pthread_barrier_init(&barrier, nullptr, 2);
  pthread_t a, b;
  pthread_create(&a, nullptr, take_turns, nullptr);
  pthread_create(&b, nullptr, take_turns, &value);
  pthread_join(a, nullptr);
  pthread_join(b, nullptr);
  pthread_barrier_destroy(&barrier);
  return value == 100 ? 0 : 1;
}
