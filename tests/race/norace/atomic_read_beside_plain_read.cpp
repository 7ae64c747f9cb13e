// An atomic and a plain read of one int are followed by a write, which a lock orders after both.
#include <atomic>
#include <mutex>

#include "support/in_order.h"

using namespace csp::testing;

int value;
std::mutex mutex;

void read_plainly() {
  std::lock_guard lock(mutex);
  use(value);
}

void read_atomically() {
  std::lock_guard lock(mutex);
  use(std::atomic_ref(value).load(std::memory_order_relaxed));
}

void write_data() {
  std::lock_guard lock(mutex);
  value = 1;
}

int main() { in_order(read_plainly, read_atomically, write_data); }
