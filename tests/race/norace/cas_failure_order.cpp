// A compare-exchange that fails reads, its failure order being acquire.
#include <atomic>

#include "support/in_order.h"

using namespace csp::testing;

int message;
std::atomic<int> state;

void publish() {
  message = 1;
  state.store(1, std::memory_order_release);
}

void receive() {
  int expected = 0;
  if (!state.compare_exchange_strong(expected, 2, std::memory_order_acq_rel, std::memory_order_acquire)) {
    use(message);
  }
}

int main() { in_order(publish, receive); }
