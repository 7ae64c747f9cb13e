// Threads of C11 increment a counter under a mutex each.
#include <threads.h>

mtx_t first;
mtx_t second;
int value;

int increment(void* raw) {
  auto* mutex = static_cast<mtx_t*>(raw);
  mtx_lock(mutex);
  ++value;  // RACE
  mtx_unlock(mutex);
  return 0;
}

int main() {
  mtx_init(&first, mtx_plain);
  mtx_init(&second, mtx_plain);
  thrd_t a, b;
  thrd_create(&a, increment, &first);
  thrd_create(&b, increment, &second);
  thrd_join(a, nullptr);
  thrd_join(b, nullptr);
  return value == 2 ? 0 : 1;
}
