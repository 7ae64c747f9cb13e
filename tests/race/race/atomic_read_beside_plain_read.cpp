// An atomic and a plain read of one int are followed by a write, which races with the plain read alone: the lock orders
// it after the other.
#include <atomic>
#include <mutex>

#include "support/in_order.h"

using namespace csp::testing;

int value;
std::mutex mutex;

void read_plainly() {
  use(value);  // RACE
}

void read_atomically() {
  std::lock_guard lock(mutex);
  use(std::atomic_ref(value).load(std::memory_order_relaxed));
}

void write_data() {
  std::lock_guard lock(mutex);
  value = 1;  // RACE
}

int main() { in_order(read_plainly, read_atomically, write_data); }
