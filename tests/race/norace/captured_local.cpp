// A thread writes to a local variable of a function that waits for it.
#include <thread>

#include "support/invisible_barrier.h"

using namespace csp::testing;

[[gnu::noinline]] std::thread start() {
  volatile int local[16];
  local[8] = 0;
  std::thread thread([&local] { local[8] = 1; });
  thread.join();
  return thread;
}

[[gnu::noinline]] void reuse() {
  volatile int numbers[1024];
  asm volatile("" : : "r"(numbers) : "memory");  // Its address escapes: GCC checks no other locals.
  for (int i = 0; i < 1024; ++i) {
    numbers[i] = i;
  }
}

int main() {
  std::thread thread = start();
  reuse();
  if (thread.joinable()) thread.join();
}
