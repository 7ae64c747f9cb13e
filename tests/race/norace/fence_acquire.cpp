// What a relaxed load has seen is ordered by an acquire fence, which follows it.
#include <atomic>

#include "support/in_order.h"

using namespace csp::testing;

int message;
std::atomic<bool> ready;

void publish() {
  message = 1;
  ready.store(true, std::memory_order_release);
}

void receive() {
  if (ready.load(std::memory_order_relaxed)) {
    std::atomic_thread_fence(std::memory_order_acquire);
    use(message);
  }
}

int main() { in_order(publish, receive); }
