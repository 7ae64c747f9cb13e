// Initialised by csp::Once, one for each goroutine.
#include <csp/sync.h>

#include "support/go_in_order.h"

using namespace csp::testing;

int value;
csp::Once first;
csp::Once second;

void make() {
  value = 1;  // RACE
}

int main() {
  return go_in_order(
      [] {
        first.call(make);
        use(value);  // RACE
      },
      [] {
        second.call(make);
        use(value);  // RACE
      });
}
