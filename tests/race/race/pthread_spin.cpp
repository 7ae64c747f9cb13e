// Of two threads that use a spin lock, one writes after it has given it back.
#include <pthread.h>

#include "support/invisible_barrier.h"

pthread_spinlock_t lock;
csp::testing::InvisibleCounter done;
int value;

void* write_value(void*) {
  pthread_spin_lock(&lock);
  pthread_spin_unlock(&lock);
  value = 1;  // RACE
  invisibly_signal(done);
  return nullptr;
}

int main() {
  pthread_spin_init(&lock, PTHREAD_PROCESS_PRIVATE);
  pthread_t thread;
  pthread_create(&thread, nullptr, write_value, nullptr);
  invisibly_await(done, 1);
  pthread_spin_lock(&lock);
  value = 2;  // RACE
  pthread_spin_unlock(&lock);
  pthread_join(thread, nullptr);
  pthread_spin_destroy(&lock);
}
