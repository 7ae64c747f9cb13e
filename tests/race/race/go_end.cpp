// The end of a goroutine orders nothing; main reads what it wrote when it is gone.
#include <csp/go.h>
#include <csp/sync.h>

#include "support/invisible_barrier.h"

using namespace csp::testing;

int value;

int main() {
  return csp::run([] {
    csp::go([] {
      value = 1;  // RACE
    });
    while (csp::num_goroutines() > 1) csp::yield();
    use(value);  // RACE
  });
}
