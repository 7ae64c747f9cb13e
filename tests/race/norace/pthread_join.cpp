// A thread is read from after it was joined.
#include <pthread.h>

int value;

void* write_value(void*) {
  value = 1;
  return nullptr;
}

int main() {
  value = 3;
  pthread_t thread;
  pthread_create(&thread, nullptr, write_value, nullptr);
  pthread_join(thread, nullptr);
  const int seen = value;
  return seen == 1 ? 0 : 1;
}
