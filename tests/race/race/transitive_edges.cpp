// From the first thread to the second by one mutex, from the second to the third by none.
#include <mutex>

#include "support/in_order.h"

using namespace csp::testing;

std::mutex first;
std::mutex second;
std::mutex third;
int value;

void pass(std::mutex& mutex) { std::lock_guard lock(mutex); }

int main() {
  in_order(
      [] {
        value = 1;  // RACE
        pass(first);
      },
      [] {
        pass(first);
        pass(second);
      },
      [] {
        pass(third);
        use(value);  // RACE
      });
}
