// A trylock that fails orders nothing.
#include <pthread.h>

#include "support/invisible_barrier.h"

pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
csp::testing::InvisibleCounter written;
csp::testing::InvisibleCounter tried;
int value;

void* write_value(void*) {
  value = 1;  // RACE
  pthread_mutex_lock(&mutex);
  invisibly_signal(written);
  invisibly_await(tried, 1);
  pthread_mutex_unlock(&mutex);
  return nullptr;
}

int main() {
  pthread_t thread;
  pthread_create(&thread, nullptr, write_value, nullptr);
  invisibly_await(written, 1);
  if (pthread_mutex_trylock(&mutex) == 0) return 1;
  value = 2;  // RACE
  invisibly_signal(tried);
  pthread_join(thread, nullptr);
}
