// What a relaxed load has seen is ordered by an acquire fence, and there is none.
#include <atomic>

#include "support/in_order.h"

using namespace csp::testing;

int message;
std::atomic<bool> ready;

void publish() {
  message = 1;  // RACE
  ready.store(true, std::memory_order_release);
}

void receive() {
  if (ready.load(std::memory_order_relaxed)) {
    use(message);  // RACE
  }
}

int main() { in_order(publish, receive); }
