// Goroutines yield between all steps, so that they move from thread to thread; each counts in one variable.
#include <csp/go.h>
#include <csp/sync.h>

#include "support/invisible_barrier.h"

using namespace csp::testing;

unsigned counters[8];

int main() {
  return csp::run([] {
    csp::WaitGroup ended;
    for (unsigned i = 0; i < 8; ++i) {
      ended.go([counter = &counters[0]] {
        for (int round = 0; round < 200; ++round) {
          *counter += 1;  // RACE
          csp::yield();
        }
      });
    }
    ended.wait();
  });
}
