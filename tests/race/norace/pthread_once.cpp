// What pthread_once ran happens before what every caller does next.
#include <pthread.h>

#include "support/invisible_barrier.h"

pthread_once_t once = PTHREAD_ONCE_INIT;
csp::testing::InvisibleCounter written;
int value;

void initialize() { value = 1; }

void* use(void*) {
  pthread_once(&once, initialize);
  invisibly_signal(written);
  return nullptr;
}

int main() {
  pthread_t thread;
  pthread_create(&thread, nullptr, use, nullptr);
  invisibly_await(written, 1);
  pthread_once(&once, initialize);
  const int seen = value;
  pthread_join(thread, nullptr);
  return seen == 1 ? 0 : 1;
}
