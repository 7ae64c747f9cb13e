// A std::vector grows while another thread asks for its size, under a mutex.
#include <mutex>
#include <vector>

#include "support/in_order.h"

using namespace csp::testing;

std::mutex mutex;
std::vector<int> numbers;

int main() {
  in_order(
      [] {
        std::lock_guard lock(mutex);
        numbers.push_back(1);
      },
      [] {
        std::lock_guard lock(mutex);
        use(numbers.size());
      });
}
