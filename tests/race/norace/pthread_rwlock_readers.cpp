// A writer of a reader-writer lock is ordered after every reader before it.
#include <pthread.h>

#include "support/invisible_barrier.h"

pthread_rwlock_t lock = PTHREAD_RWLOCK_INITIALIZER;
csp::testing::InvisibleCounter gone;
int value;

void* write_value(void*) {
  value = 1;
  pthread_rwlock_rdlock(&lock);
  pthread_rwlock_unlock(&lock);
  invisibly_signal(gone);
  return nullptr;
}

int main() {
  pthread_t thread;
  pthread_create(&thread, nullptr, write_value, nullptr);
  invisibly_await(gone, 1);
  pthread_rwlock_wrlock(&lock);
  const int seen = value;
  pthread_rwlock_unlock(&lock);
  pthread_join(thread, nullptr);
  return seen == 1 ? 0 : 1;
}
