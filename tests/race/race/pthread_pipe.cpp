// A thread writes after it has sent a byte through a pipe.
#include <pthread.h>
#include <unistd.h>

#include "support/invisible_barrier.h"

int ends[2];
csp::testing::InvisibleCounter written;
int value;

void* write_value(void*) {
  const char byte = 1;
  if (write(ends[1], &byte, 1) != 1) return &value;
  value = 1;  // RACE
  invisibly_signal(written);
  return nullptr;
}

int main() {
  if (pipe(ends) != 0) return 1;
  pthread_t thread;
  pthread_create(&thread, nullptr, write_value, nullptr);
  invisibly_await(written, 1);
  char byte = 0;
  if (read(ends[0], &byte, 1) != 1) return 1;
  value = 2;  // RACE
  pthread_join(thread, nullptr);
}
