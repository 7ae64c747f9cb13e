// A goroutine writes before it is done; the waiter reads.
#include <csp/go.h>
#include <csp/sync.h>

#include "support/invisible_barrier.h"

using namespace csp::testing;

InvisibleCounter written;
int value;

int main() {
  return csp::run([] {
    csp::WaitGroup wait_group;
    wait_group.add(1);
    csp::go([&wait_group] {
      value = 1;
      wait_group.done();
      invisibly_signal(written);
    });
    wait_group.wait();
    use(value);
    while (!invisibly_reached(written, 1)) csp::yield();
  });
}
