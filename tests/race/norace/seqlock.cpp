// A sequence lock whose data is atomic, so that reading it while it is written is allowed.
#include <atomic>

#include "support/in_order.h"

using namespace csp::testing;

std::atomic<unsigned> sequence;
std::atomic<int> data;

void write_data() {
  sequence.store(1, std::memory_order_relaxed);
  std::atomic_thread_fence(std::memory_order_release);
  data.store(1, std::memory_order_relaxed);
  sequence.store(2, std::memory_order_release);
}

void read_data() {
  const unsigned before = sequence.load(std::memory_order_acquire);
  const int seen = data.load(std::memory_order_relaxed);
  std::atomic_thread_fence(std::memory_order_acquire);
  if (sequence.load(std::memory_order_relaxed) == before) use(static_cast<unsigned>(seen));
}

int main() { in_order(read_data, write_data); }
