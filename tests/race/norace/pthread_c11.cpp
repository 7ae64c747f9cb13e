// Threads of C11 increment a counter under one mutex, and one waits for the other by a condition variable.
#include <threads.h>

mtx_t first;
cnd_t changed;
int value;

int increment(void* raw) {
  auto* mutex = static_cast<mtx_t*>(raw);
  mtx_lock(mutex);
  ++value;
  cnd_signal(&changed);
  mtx_unlock(mutex);
  return 0;
}

int main() {
  mtx_init(&first, mtx_plain);
  cnd_init(&changed);
  thrd_t a, b;
  thrd_create(&a, increment, &first);
  thrd_create(&b, increment, &first);
  mtx_lock(&first);
  while (value != 2) cnd_wait(&changed, &first);
  mtx_unlock(&first);
  thrd_join(a, nullptr);
  thrd_join(b, nullptr);
  return value == 2 ? 0 : 1;
}
