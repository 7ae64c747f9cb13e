// A thread is read from before it is joined.
#include <pthread.h>

#include "support/invisible_barrier.h"

csp::testing::InvisibleCounter written;
int value;

void* write_value(void*) {
  value = 1;  // RACE
  invisibly_signal(written);
  return nullptr;
}

int main() {
  value = 3;
  pthread_t thread;
  pthread_create(&thread, nullptr, write_value, nullptr);
  invisibly_await(written, 1);
  const int seen = value;  // RACE
  pthread_join(thread, nullptr);
  return seen == 1 ? 0 : 1;
}
