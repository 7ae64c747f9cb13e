// Of two threads that take a mutex by a timed lock, one writes after it has given it back.
#include <pthread.h>
#include <ctime>

#include "support/invisible_barrier.h"

pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
csp::testing::InvisibleCounter given_back;
int value;

timespec in_a_minute(clockid_t clock) {
  timespec deadline;
  clock_gettime(clock, &deadline);
  deadline.tv_sec += 60;
  return deadline;
}

void* write_value(void*) {
  const timespec deadline = in_a_minute(CLOCK_REALTIME);
  if (pthread_mutex_timedlock(&mutex, &deadline) != 0) return nullptr;
  pthread_mutex_unlock(&mutex);
  value = 1;  // RACE
  invisibly_signal(given_back);
  return nullptr;
}

int main() {
  pthread_t thread;
  pthread_create(&thread, nullptr, write_value, nullptr);
  invisibly_await(given_back, 1);
  const timespec deadline = in_a_minute(CLOCK_MONOTONIC);
  if (pthread_mutex_clocklock(&mutex, CLOCK_MONOTONIC, &deadline) != 0) return 1;
  value = 2;  // RACE
  pthread_mutex_unlock(&mutex);
  pthread_join(thread, nullptr);
}
