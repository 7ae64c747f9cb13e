// Sixty ints side by side, counted by two threads, under a mutex.
#include <mutex>
#include <utility>

#include "support/in_order.h"

using namespace csp::testing;

std::mutex mutex;
int numbers[60];

template <int kIndex>
[[gnu::noinline]] void count() {
  ++numbers[kIndex];
}

template <int... kIndices>
void count_all(std::integer_sequence<int, kIndices...>) {
  std::lock_guard lock(mutex);
  (count<kIndices>(), ...);
}

void work() { count_all(std::make_integer_sequence<int, 60>()); }

int main() { in_order(work, work); }
