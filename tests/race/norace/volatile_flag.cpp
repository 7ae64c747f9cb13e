// A message is published by a flag that is atomic.
#include <atomic>

#include "support/in_order.h"

using namespace csp::testing;

int message;
std::atomic<bool> ready;

void publish() {
  message = 1;
  ready = true;
}

void receive() {
  if (ready) {
    use(message);
  }
}

int main() { in_order(publish, receive); }
