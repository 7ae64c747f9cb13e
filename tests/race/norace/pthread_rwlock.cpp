// Threads write while they hold a reader-writer lock for writing, and read while they hold it for reading.
#include <pthread.h>

pthread_rwlock_t lock = PTHREAD_RWLOCK_INITIALIZER;
int value;

void* write_value(void*) {
  pthread_rwlock_wrlock(&lock);
  value = 1;
  pthread_rwlock_unlock(&lock);
  pthread_rwlock_rdlock(&lock);
  const int seen = value;
  pthread_rwlock_unlock(&lock);
  return seen == 0 ? &value : nullptr;
}

int main() {
  pthread_t a, b;
  pthread_create(&a, nullptr, write_value, nullptr);
  pthread_create(&b, nullptr, write_value, nullptr);
  pthread_join(a, nullptr);
  pthread_join(b, nullptr);
}
