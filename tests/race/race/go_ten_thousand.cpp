// Ten thousand goroutines count, without a lock.
// RUNS 3
#include <csp/go.h>
#include <csp/sync.h>

#include "support/invisible_barrier.h"

using namespace csp::testing;

unsigned counter;
csp::Mutex mutex;

int main() {
  return csp::run([] {
    csp::WaitGroup ended;
    for (int i = 0; i < 10'000; ++i) {
      ended.go([] {
        counter += 1;  // RACE
      });
    }
    ended.wait();
  });
}
