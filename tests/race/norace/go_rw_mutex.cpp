// A reader reads under a csp::RwMutex, and then a writer writes, holding it for writing.
#include <csp/sync.h>

#include "support/go_in_order.h"

using namespace csp::testing;

int value;
csp::RwMutex mutex;

int main() {
  return go_in_order(
      [] {
        std::shared_lock lock(mutex);
        use(value);
      },
      [] {
        std::unique_lock lock(mutex);
        value = 1;
      });
}
