// A thread cancelled in pthread_cond_wait has its mutex again when it cleans up, and not after.
#include <pthread.h>

#include "support/invisible_barrier.h"

pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
pthread_cond_t never = PTHREAD_COND_INITIALIZER;
csp::testing::InvisibleCounter locked;
csp::testing::InvisibleCounter cleaned;
int value;

void clean_up(void*) {
  pthread_mutex_unlock(&mutex);
  value = 1;  // RACE
  invisibly_signal(cleaned);
}

void* wait_for_ever(void*) {
  pthread_mutex_lock(&mutex);
  pthread_cleanup_push(clean_up, nullptr);
  invisibly_signal(locked);
  for (;;) pthread_cond_wait(&never, &mutex);
  pthread_cleanup_pop(0);
  return nullptr;
}

int main() {
  pthread_t thread;
  pthread_create(&thread, nullptr, wait_for_ever, nullptr);
  invisibly_await(locked, 1);
  // Once the mutex can be had, the thread is waiting.
  pthread_mutex_lock(&mutex);
  pthread_mutex_unlock(&mutex);
  pthread_cancel(thread);
  invisibly_await(cleaned, 1);
  pthread_mutex_lock(&mutex);
  value = 2;  // RACE
  pthread_mutex_unlock(&mutex);
  pthread_join(thread, nullptr);
}
