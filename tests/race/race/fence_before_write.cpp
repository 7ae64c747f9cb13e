// A release fence publishes what came before it: the write stands after the fence.
#include <atomic>

#include "support/in_order.h"

using namespace csp::testing;

int message;
std::atomic<bool> ready;

void publish() {
  std::atomic_thread_fence(std::memory_order_release);
  message = 1;  // RACE
  ready.store(true, std::memory_order_relaxed);
}

void receive() {
  if (ready.load(std::memory_order_acquire)) {
    use(message);  // RACE
  }
}

int main() { in_order(publish, receive); }
