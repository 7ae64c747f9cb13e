// A value in a std::map is looked up while another thread overwrites it, under a mutex.
#include <map>
#include <mutex>

#include "support/in_order.h"

using namespace csp::testing;

std::mutex mutex;
std::map<int, int> numbers{{1, 1}, {2, 2}};

int main() {
  in_order(
      [] {
        std::lock_guard lock(mutex);
        use(static_cast<unsigned>(numbers.at(1)));
      },
      [] {
        std::lock_guard lock(mutex);
        numbers[1] = 2;
      });
}
