// At the bottom of a deep recursion a counter is touched under a mutex.
#include <mutex>

#include "support/in_order.h"

using namespace csp::testing;

std::mutex mutex;
int counter;

[[gnu::noinline]] int descend(int depth) {
  if (depth == 0) {
    std::lock_guard lock(mutex);
    return ++counter;
  }
  return descend(depth - 1) + 1;
}

int main() {
  in_order([] { descend(20'000); }, [] { descend(20'000); });
}
