// Two goroutines count while they hold a csp::RwMutex for writing.
#include <csp/sync.h>

#include "support/go_in_order.h"

using namespace csp::testing;

int counter;
csp::RwMutex mutex;

int main() {
  return go_in_order(
      [] {
        std::unique_lock lock(mutex);
        ++counter;
      },
      [] {
        std::unique_lock lock(mutex);
        ++counter;
      });
}
