// What two threads wrote before they counted a std::latch down is read after waiting for it.
#include <latch>

#include "support/in_order.h"

using namespace csp::testing;

std::latch both(2);
int values[2];

int main() {
  in_order(
      [] {
        values[0] = 1;
        both.count_down();
      },
      [] {
        values[1] = 1;
        both.count_down();
      },
      [] {
        both.wait();
        use(values[0]);
        use(values[1]);
      });
}
