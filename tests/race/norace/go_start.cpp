// What a goroutine reads is written before it was started.
#include <csp/go.h>
#include <csp/sync.h>

#include "support/invisible_barrier.h"

using namespace csp::testing;

int value;

int main() {
  return csp::run([] {
    csp::WaitGroup ended;
    ended.add(1);
    value = 1;
    csp::go([&ended] {
      use(value);
      ended.done();
    });
    ended.wait();
  });
}
