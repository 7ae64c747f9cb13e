// Relaxed operations on both sides; fences order them on both.
#include <atomic>

#include "support/in_order.h"

using namespace csp::testing;

int message;
std::atomic<bool> ready;

void publish() {
  message = 1;
  std::atomic_thread_fence(std::memory_order_seq_cst);
  ready.store(true, std::memory_order_relaxed);
}

void receive() {
  if (ready.load(std::memory_order_relaxed)) {
    std::atomic_thread_fence(std::memory_order_seq_cst);
    use(message);
  }
}

int main() { in_order(publish, receive); }
