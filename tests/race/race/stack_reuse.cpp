// Detached threads follow each other on one stack; they share a static variable.
#include <pthread.h>

#include <thread>

#include "support/invisible_barrier.h"

using namespace csp::testing;

InvisibleCounter ended;

[[gnu::noinline]] void fill(volatile int* numbers) {
  for (int i = 0; i < 64; ++i) {
    numbers[i] = i;  // RACE
  }
}

void work() {
  static volatile int numbers[64];
  fill(numbers);
}

int main() {
  for (unsigned i = 1; i <= 20; ++i) {
    std::thread([] {
      work();
      invisibly_signal(ended);
    }).detach();
    invisibly_await(ended, i);
  }
}
