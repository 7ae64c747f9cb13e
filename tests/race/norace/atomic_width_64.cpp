// Atomics of 64 bits: exchange and fetch_or with acquire and release hand over a message.
#include <atomic>
#include <cstdint>

#include "support/in_order.h"

using namespace csp::testing;

int message;
std::atomic<std::uint64_t> state;

void publish() {
  message = 1;
  state.fetch_or(1, std::memory_order_release);
}

void receive() {
  if (state.exchange(2, std::memory_order_acquire) == 1) {
    use(message);
  }
}

int main() { in_order(publish, receive); }
