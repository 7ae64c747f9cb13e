// Two goroutines count in a plain int, without a lock.
#include <csp/sync.h>

#include "support/go_in_order.h"

using namespace csp::testing;

int counter;

int main() {
  return go_in_order(
      [] {
        ++counter;  // RACE
      },
      [] {
        ++counter;  // RACE
      });
}
