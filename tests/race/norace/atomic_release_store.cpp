// A message is published by an atomic store, release, and read after an acquire load.
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
  if (ready.load(std::memory_order_acquire)) {
    use(message);
  }
}

int main() { in_order(publish, receive); }
