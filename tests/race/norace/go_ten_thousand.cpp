// Ten thousand goroutines count, under a csp::Mutex.
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
        std::lock_guard lock(mutex);
        counter += 1;
      });
    }
    ended.wait();
  });
}
