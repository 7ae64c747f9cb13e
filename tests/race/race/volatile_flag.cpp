// A message is published by a flag that is volatile, which is no synchronisation.
#include <atomic>

#include "support/in_order.h"

using namespace csp::testing;

int message;
volatile bool ready;

void publish() {
  message = 1;   // RACE
  ready = true;  // RACE
}

void receive() {
  if (ready) {     // RACE
    use(message);  // RACE
  }
}

int main() { in_order(publish, receive); }
