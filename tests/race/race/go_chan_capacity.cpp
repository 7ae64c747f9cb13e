// The first receive happens before the send that is as many later as the capacity: before the second of capacity two it
// does not.
#include <csp/chan.h>

#include "support/go_in_order.h"

using namespace csp::testing;

int value;
csp::Chan<int> channel = csp::make_chan<int>(2);

int main() {
  return go_in_order([] { channel.send(1); },
                     [] {
                       value = 1;  // RACE
                       channel.recv();
                     },
                     [] {
                       channel.send(2);
                       use(value);  // RACE
                     });
}
