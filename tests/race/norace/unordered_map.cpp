// A std::unordered_map is searched while another thread inserts, under a mutex.
#include <mutex>
#include <unordered_map>

#include "support/in_order.h"

using namespace csp::testing;

std::mutex mutex;
std::unordered_map<int, int> numbers;

int main() {
  in_order(
      [] {
        std::lock_guard lock(mutex);
        use(numbers.count(1));
      },
      [] {
        std::lock_guard lock(mutex);
        numbers[1] = 1;
      });
}
