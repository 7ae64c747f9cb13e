// A value in a std::map is looked up while another thread overwrites it, without a lock.
#include <map>
#include <mutex>

#include "support/in_order.h"

using namespace csp::testing;

std::mutex mutex;
std::map<int, int> numbers{{1, 1}, {2, 2}};

int main() {
  in_order(
      [] {
        use(static_cast<unsigned>(numbers.at(1)));  // RACE
      },
      [] {
        numbers[1] = 2;  // RACE
      });
}
