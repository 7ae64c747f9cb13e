// Initialised by csp::Once, one for both.
#include <csp/sync.h>

#include "support/go_in_order.h"

using namespace csp::testing;

int value;
csp::Once first;
void make() { value = 1; }

int main() {
  return go_in_order(
      [] {
        first.call(make);
        use(value);
      },
      [] {
        first.call(make);
        use(value);
      });
}
