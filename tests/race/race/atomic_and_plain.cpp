// An int is stored to atomically, and read as a plain one.
#include <atomic>

#include "support/in_order.h"

using namespace csp::testing;

int value;

void store() {
  std::atomic_ref(value).store(1, std::memory_order_relaxed);  // RACE
}

void load() {
  use(value);  // RACE
}

int main() { in_order(store, load); }
