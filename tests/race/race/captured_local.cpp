// A thread writes to a local variable of a function that has returned.
#include <thread>

#include "support/invisible_barrier.h"

using namespace csp::testing;

InvisibleCounter reused;
InvisibleCounter written;

[[gnu::noinline]] std::thread start() {
  volatile int local[16];
  local[8] = 0;
  std::thread thread([&local] {
    invisibly_await(reused, 1);
    local[8] = 1;  // RACE
    invisibly_signal(written);
  });
  return thread;
}

[[gnu::noinline]] void reuse() {
  volatile int numbers[1024];
  asm volatile("" : : "r"(numbers) : "memory");  // Its address escapes: GCC checks no other locals.
  for (int i = 0; i < 1024; ++i) {
    numbers[i] = i;  // RACE
  }
  invisibly_signal(reused);
  invisibly_await(written, 1);
}

int main() {
  std::thread thread = start();
  reuse();
  if (thread.joinable()) thread.join();
}
