// A std::shared_ptr is replaced while it is copied.
#include <memory>

#include "support/in_order.h"

using namespace csp::testing;

std::shared_ptr<int> pointer = std::make_shared<int>(1);
std::shared_ptr<int> other = pointer;

int main() {
  in_order(
      [] {
        std::shared_ptr<int> copy = pointer;  // RACE
        use(*copy);
      },
      [] {
        pointer.reset();  // RACE
      });
}
