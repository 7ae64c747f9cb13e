// A goroutine writes and ends, a thousand others come and go, then main reads; it has  waited for the first.
#include <csp/go.h>
#include <csp/sync.h>

#include "support/invisible_barrier.h"

using namespace csp::testing;

int value;

int main() {
  return csp::run([] {
    csp::WaitGroup first;
    first.add(1);
    csp::go([&first] {
      value = 1;
      first.done();
    });
    first.wait();
    for (int i = 0; i < 1000; ++i) {
      csp::WaitGroup ended;
      ended.go([] { use(1); });
      ended.wait();
    }
    use(value);
  });
}
