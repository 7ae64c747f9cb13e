// What a goroutine reads is written after it was started.
#include <csp/go.h>
#include <csp/sync.h>

#include "support/invisible_barrier.h"

using namespace csp::testing;

int value;

int main() {
  return csp::run([] {
    csp::WaitGroup ended;
    ended.add(1);
    csp::go([&ended] {
      use(value);  // RACE
      ended.done();
    });
    value = 1;  // RACE
    ended.wait();
  });
}
