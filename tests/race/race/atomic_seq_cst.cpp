// A message is published and received by relaxed operations.
#include <atomic>

#include "support/in_order.h"

using namespace csp::testing;

int message;
std::atomic<bool> ready;

void publish() {
  message = 1;  // RACE
  ready.store(true, std::memory_order_relaxed);
}

void receive() {
  if (ready.load(std::memory_order_relaxed)) {
    use(message);  // RACE
  }
}

int main() { in_order(publish, receive); }
