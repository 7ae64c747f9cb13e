// A std::binary_semaphore hands over a value, which is written before the release.
#include <semaphore>

#include "support/in_order.h"

using namespace csp::testing;

std::binary_semaphore given(0);
int value;

int main() {
  in_order(
      [] {
        value = 1;
        given.release();
      },
      [] {
        given.acquire();
        use(value);
      });
}
