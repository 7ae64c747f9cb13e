// Two goroutines count in a plain int, under a csp::Mutex.
#include <csp/sync.h>

#include "support/go_in_order.h"

using namespace csp::testing;

int counter;
csp::Mutex mutex;

int main() {
  return go_in_order(
      [] {
        std::lock_guard lock(mutex);
        ++counter;
      },
      [] {
        std::lock_guard lock(mutex);
        ++counter;
      });
}
