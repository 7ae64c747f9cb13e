// A loop starts goroutines that capture its variable by value.
#include <csp/go.h>
#include <csp/sync.h>

#include "support/invisible_barrier.h"

using namespace csp::testing;

// Apart from the loop, so that the compiler keeps its line.
[[gnu::noinline]] void advance(unsigned& i) {
  i += 1;
}

int main() {
  return csp::run([] {
    csp::WaitGroup ended;
    unsigned i = 0;
    while (i < 8) {
      ended.go([i] { use(i); });
      advance(i);
    }
    ended.wait();
  });
}
