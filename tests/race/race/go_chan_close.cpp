// A value is written after the channel is closed, and read by whoever finds it closed.
#include <csp/chan.h>

#include "support/go_in_order.h"

using namespace csp::testing;

int value;
csp::Chan<int> channel = csp::make_chan<int>();

int main() {
  return go_in_order(
      [] {
        channel.close();
        value = 1;  // RACE
      },
      [] {
        channel.receive();
        use(value);  // RACE
      });
}
