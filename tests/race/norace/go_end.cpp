// The end of a goroutine orders nothing; main reads what it wrote after a WaitGroup.
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
      value = 1;
      ended.done();
    });
    ended.wait();
    use(value);
  });
}
