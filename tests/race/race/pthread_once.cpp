// A thread writes after pthread_once, and another reads after its own.
#include <pthread.h>

#include "support/invisible_barrier.h"

pthread_once_t once = PTHREAD_ONCE_INIT;
csp::testing::InvisibleCounter written;
int value;

void initialize() {}

void* use(void*) {
  pthread_once(&once, initialize);
  value = 1;  // RACE
  invisibly_signal(written);
  return nullptr;
}

int main() {
  pthread_t thread;
  pthread_create(&thread, nullptr, use, nullptr);
  invisibly_await(written, 1);
  pthread_once(&once, initialize);
  const int seen = value;  // RACE
  pthread_join(thread, nullptr);
  return seen == 1 ? 0 : 1;
}
