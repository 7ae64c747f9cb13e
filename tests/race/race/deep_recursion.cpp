// At the bottom of a deep recursion a counter is touched without a lock.
#include <mutex>

#include "support/in_order.h"

using namespace csp::testing;

std::mutex mutex;
int counter;

[[gnu::noinline]] int descend(int depth) {
  if (depth == 0) {
    return ++counter;  // RACE
  }
  return descend(depth - 1) + 1;
}

int main() {
  in_order([] { descend(20'000); }, [] { descend(20'000); });
}
