// Goroutines follow each other on one stack; they share a static variable.
#include <csp/go.h>

#include "support/invisible_barrier.h"

using namespace csp::testing;

[[gnu::noinline]] void fill(volatile unsigned* numbers) {
  for (unsigned i = 0; i < 64; ++i) {
    numbers[i] = i;  // RACE
  }
}

int main() {
  return csp::run([] {
    for (int i = 0; i < 50; ++i) {
      csp::go([] {
        static volatile unsigned numbers[64];
        fill(numbers);
      });
      while (csp::num_goroutines() > 1) csp::yield();
    }
  });
}
