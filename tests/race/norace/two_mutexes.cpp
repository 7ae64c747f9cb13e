// Each thread holds a mutex while it counts: the same.
#include <mutex>

#include "support/in_order.h"

using namespace csp::testing;

std::mutex first;
int counter;

void count(std::mutex& mutex) {
  std::lock_guard lock(mutex);
  ++counter;
}

int main() {
  in_order([] { count(first); }, [] { count(first); });
}
