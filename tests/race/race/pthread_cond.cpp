// A thread writes after it has told another by a condition variable: the wait orders what came before the mutex was
// given back.
#include <pthread.h>

#include "support/invisible_barrier.h"

pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
bool ready;
csp::testing::InvisibleCounter written;
int value;

void* write_value(void*) {
  pthread_mutex_lock(&mutex);
  ready = true;
  pthread_cond_signal(&changed);
  pthread_mutex_unlock(&mutex);
  value = 1;  // RACE
  invisibly_signal(written);
  return nullptr;
}

int main() {
  pthread_t thread;
  pthread_create(&thread, nullptr, write_value, nullptr);
  pthread_mutex_lock(&mutex);
  while (!ready) pthread_cond_wait(&changed, &mutex);
  pthread_mutex_unlock(&mutex);
  invisibly_await(written, 1);
  value = 2;  // RACE
  pthread_join(thread, nullptr);
}
