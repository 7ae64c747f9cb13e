// Two pairs of threads meet at one barrier, one pair after the other: a round orders nothing for the next one.
#include <pthread.h>

#include "support/invisible_barrier.h"

pthread_barrier_t barrier;
csp::testing::InvisibleCounter first_round;
csp::testing::InvisibleCounter second_round;
int value;

void* first_pair(void* writer) {
  if (writer != nullptr) value = 1;  // RACE
  pthread_barrier_wait(&barrier);
  invisibly_signal(first_round);
  return nullptr;
}

void* second_pair(void* reader) {
  invisibly_await(first_round, 2);
  pthread_barrier_wait(&barrier);
  invisibly_signal(second_round);
  if (reader != nullptr) value = 2;  // RACE
  return nullptr;
}

int main() {
  pthread_barrier_init(&barrier, nullptr, 2);
  pthread_t a, b, c, d;
  pthread_create(&a, nullptr, first_pair, &value);
  pthread_create(&b, nullptr, first_pair, nullptr);
  pthread_create(&c, nullptr, second_pair, &value);
  pthread_create(&d, nullptr, second_pair, nullptr);
  invisibly_await(second_round, 2);
  pthread_join(a, nullptr);
  pthread_join(b, nullptr);
  pthread_join(c, nullptr);
  pthread_join(d, nullptr);
  pthread_barrier_destroy(&barrier);
}
