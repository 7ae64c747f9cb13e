// A relaxed store publishes what came before a release fence, which stands before it.
#include <atomic>

#include "support/in_order.h"

using namespace csp::testing;

int message;
std::atomic<bool> ready;

void publish() {
  message = 1;
  std::atomic_thread_fence(std::memory_order_release);
  ready.store(true, std::memory_order_relaxed);
}

void receive() {
  if (ready.load(std::memory_order_acquire)) {
    use(message);
  }
}

int main() { in_order(publish, receive); }
