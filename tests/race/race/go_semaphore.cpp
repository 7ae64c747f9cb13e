// A value is written after the release of a csp::Semaphore that lets the reader in.
#include <csp/sync.h>

#include "support/go_in_order.h"

using namespace csp::testing;

int value;
csp::Semaphore semaphore(1);

int main() {
  return go_in_order(
      [] {
        semaphore.acquire();
        semaphore.release();
        value = 1;  // RACE
      },
      [] {
        semaphore.acquire();
        use(value);  // RACE
      });
}
