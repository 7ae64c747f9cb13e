// The function of csp::after_func reads what was written before it was set up.
#include <chrono>

#include <csp/go.h>
#include <csp/time.h>

#include "support/invisible_barrier.h"

using namespace csp::testing;

InvisibleCounter called;
int value;

int main() {
  return csp::run([] {
    value = 1;
    csp::Timer timer = csp::after_func(std::chrono::milliseconds(1), [] {
      use(value);
      invisibly_signal(called);
    });
    while (!invisibly_reached(called, 1)) csp::yield();
  });
}
