// A spinlock on an atomic_flag that is cleared with relaxed order.
#include <atomic>

#include "support/in_order.h"

using namespace csp::testing;

std::atomic_flag locked;
int counter;

void count() {
  while (locked.test_and_set(std::memory_order_acquire)) {
  }
  ++counter;  // RACE
  locked.clear(std::memory_order_relaxed);
}

int main() { in_order(count, count); }
