// A message is published and received by sequentially consistent operations.
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
