// Two goroutines count while they hold a csp::RwMutex for reading, which does not order them.
#include <csp/sync.h>

#include "support/go_in_order.h"

using namespace csp::testing;

int counter;
csp::RwMutex mutex;

int main() {
  return go_in_order(
      [] {
        std::shared_lock lock(mutex);
        ++counter;  // RACE
      },
      [] {
        std::shared_lock lock(mutex);
        ++counter;  // RACE
      });
}
