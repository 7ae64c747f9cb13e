// Goroutines follow each other on one stack; they share nothing.
#include <csp/go.h>

#include "support/invisible_barrier.h"

using namespace csp::testing;

[[gnu::noinline]] void fill(volatile unsigned* numbers) {
  for (unsigned i = 0; i < 64; ++i) {
    numbers[i] = i;
  }
}

int main() {
  return csp::run([] {
    for (int i = 0; i < 50; ++i) {
      csp::go([] {
        volatile unsigned numbers[64];
        fill(numbers);
      });
      while (csp::num_goroutines() > 1) csp::yield();
    }
  });
}
