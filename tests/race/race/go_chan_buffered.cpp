// A value is written after a send to a buffered channel, and read after the receive.
#include <csp/chan.h>

#include "support/go_in_order.h"

using namespace csp::testing;

int value;
csp::Chan<int> channel = csp::make_chan<int>(1);

int main() {
  return go_in_order(
      [] {
        channel.send(1);
        value = 1;  // RACE
      },
      [] {
        channel.recv();
        use(value);  // RACE
      });
}
