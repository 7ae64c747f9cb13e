// A compare-exchange that succeeds publishes, its success order being relaxed.
#include <atomic>

#include "support/in_order.h"

using namespace csp::testing;

int message;
std::atomic<int> state;

void publish() {
  message = 1;  // RACE
  int expected = 0;
  state.compare_exchange_strong(expected, 1, std::memory_order_relaxed, std::memory_order_relaxed);
}

void receive() {
  if (state.load(std::memory_order_acquire) == 1) {
    use(message);  // RACE
  }
}

int main() { in_order(publish, receive); }
