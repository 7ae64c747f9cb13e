// A std::vector grows while another thread asks for its size, without a lock.
#include <mutex>
#include <vector>

#include "support/in_order.h"

using namespace csp::testing;

std::mutex mutex;
std::vector<int> numbers;

int main() {
  in_order(
      [] {
        numbers.push_back(1);  // RACE
      },
      [] {
        use(numbers.size());  // RACE
      });
}
