// A reader reads under a csp::RwMutex, and then a writer writes, though it holds the lock for reading.
#include <csp/sync.h>

#include "support/go_in_order.h"

using namespace csp::testing;

int value;
csp::RwMutex mutex;

int main() {
  return go_in_order(
      [] {
        std::shared_lock lock(mutex);
        use(value);  // RACE
      },
      [] {
        std::shared_lock lock(mutex);
        value = 1;  // RACE
      });
}
