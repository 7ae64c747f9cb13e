// A trylock that succeeds orders what follows after what the last owner did.
#include <pthread.h>

#include "support/invisible_barrier.h"

pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
csp::testing::InvisibleCounter written;
int value;

void* write_value(void*) {
  pthread_mutex_lock(&mutex);
  value = 1;
  pthread_mutex_unlock(&mutex);
  invisibly_signal(written);
  return nullptr;
}

int main() {
  pthread_t thread;
  pthread_create(&thread, nullptr, write_value, nullptr);
  invisibly_await(written, 1);
  if (pthread_mutex_trylock(&mutex) != 0) return 1;
  value = 2;
  pthread_mutex_unlock(&mutex);
  pthread_join(thread, nullptr);
}
