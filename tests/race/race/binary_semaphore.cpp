// A std::binary_semaphore hands over a value, which is written after the release.
#include <semaphore>

#include "support/in_order.h"

using namespace csp::testing;

std::binary_semaphore given(0);
int value;

int main() {
  in_order(
      [] {
        given.release();
        value = 1;  // RACE
      },
      [] {
        given.acquire();
        use(value);  // RACE
      });
}
