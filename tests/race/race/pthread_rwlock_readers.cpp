// Readers of a reader-writer lock are not ordered among themselves: what one wrote before, another must not read.
#include <pthread.h>

#include "support/invisible_barrier.h"

pthread_rwlock_t lock = PTHREAD_RWLOCK_INITIALIZER;
csp::testing::InvisibleCounter gone;
int value;

void* write_value(void*) {
  value = 1;  // RACE
  pthread_rwlock_rdlock(&lock);
  pthread_rwlock_unlock(&lock);
  invisibly_signal(gone);
  return nullptr;
}

int main() {
  pthread_t thread;
  pthread_create(&thread, nullptr, write_value, nullptr);
  invisibly_await(gone, 1);
  pthread_rwlock_rdlock(&lock);
  const int seen = value;  // RACE
  pthread_rwlock_unlock(&lock);
  pthread_join(thread, nullptr);
  return seen == 1 ? 0 : 1;
}
