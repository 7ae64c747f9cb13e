// A std::unordered_map is searched while another thread inserts, without a lock.
#include <mutex>
#include <unordered_map>

#include "support/in_order.h"

using namespace csp::testing;

std::mutex mutex;
std::unordered_map<int, int> numbers;

int main() {
  in_order(
      [] {
        use(numbers.count(1));  // RACE
      },
      [] {
        numbers[1] = 1;  // RACE
      });
}
