// Two threads write under one mutex.
#include <pthread.h>

pthread_mutex_t first = PTHREAD_MUTEX_INITIALIZER;
int value;

void* write_value(void* raw) {
  auto* mutex = static_cast<pthread_mutex_t*>(raw);
  pthread_mutex_lock(mutex);
  value = 1;
  pthread_mutex_unlock(mutex);
  return nullptr;
}

int main() {
  pthread_t a, b;
  pthread_create(&a, nullptr, write_value, &first);
  pthread_create(&b, nullptr, write_value, &first);
  pthread_join(a, nullptr);
  pthread_join(b, nullptr);
}
