// Two threads write while they hold a reader-writer lock for reading.
#include <pthread.h>

pthread_rwlock_t lock = PTHREAD_RWLOCK_INITIALIZER;
int value;

void* write_value(void*) {
  pthread_rwlock_rdlock(&lock);
  value = 1;  // RACE
  pthread_rwlock_unlock(&lock);
  return nullptr;
}

int main() {
  pthread_t a, b;
  pthread_create(&a, nullptr, write_value, nullptr);
  pthread_create(&b, nullptr, write_value, nullptr);
  pthread_join(a, nullptr);
  pthread_join(b, nullptr);
}
