// A goroutine writes after it is done; the waiter reads.
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
      wait_group.done();
      value = 1;  // RACE
      invisibly_signal(written);
    });
    wait_group.wait();
    use(value);  // RACE
    while (!invisibly_reached(written, 1)) csp::yield();
  });
}
