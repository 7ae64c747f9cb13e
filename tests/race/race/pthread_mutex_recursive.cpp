// A thread writes after it has given back a recursive mutex as often as it had taken it.
#include <pthread.h>

#include "support/invisible_barrier.h"

pthread_mutex_t mutex;
csp::testing::InvisibleCounter done;
int value;

void* write_value(void*) {
  pthread_mutex_lock(&mutex);
  pthread_mutex_lock(&mutex);
  pthread_mutex_unlock(&mutex);
  pthread_mutex_unlock(&mutex);
  value = 1;  // RACE
  invisibly_signal(done);
  return nullptr;
}

int main() {
  pthread_mutexattr_t attributes;
  pthread_mutexattr_init(&attributes);
  pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_RECURSIVE);
  pthread_mutex_init(&mutex, &attributes);
  pthread_t thread;
  pthread_create(&thread, nullptr, write_value, nullptr);
  invisibly_await(done, 1);
  pthread_mutex_lock(&mutex);
  value = 2;  // RACE
  pthread_mutex_unlock(&mutex);
  pthread_join(thread, nullptr);
}
