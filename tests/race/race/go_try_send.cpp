// A try_send that fails orders nothing: the channel is full.
#include <csp/chan.h>

#include "support/go_in_order.h"

using namespace csp::testing;

int value;
csp::Chan<int> channel = csp::make_chan<int>(1);

int main() {
  return go_in_order([] { channel.send(0); },
                     [] {
                       value = 1;  // RACE
                       const bool sent = channel.try_send(1);
                       use(sent ? 1 : 0);
                     },
                     [] {
                       channel.recv();
                       use(value);  // RACE
                     });
}
