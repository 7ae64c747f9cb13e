// A receive happens before the send that takes over its slot: the value is written after the receive.
#include <csp/chan.h>

#include "support/go_in_order.h"

using namespace csp::testing;

int value;
csp::Chan<int> channel = csp::make_chan<int>(1);

int main() {
  return go_in_order([] { channel.send(1); },
                     [] {
                       channel.recv();
                       value = 1;  // RACE
                     },
                     [] {
                       channel.send(2);
                       use(value);  // RACE
                     });
}
