// A relaxed store breaks the release sequence that another thread began.
#include <atomic>

#include "support/in_order.h"

using namespace csp::testing;

int message;
std::atomic<int> stage;

void publish() {
  message = 1;  // RACE
  stage.store(1, std::memory_order_release);
}

void pass_on() { stage.store(2, std::memory_order_relaxed); }

void receive() {
  if (stage.load(std::memory_order_acquire) == 2) {
    use(message);  // RACE
  }
}

int main() { in_order(publish, pass_on, receive); }
