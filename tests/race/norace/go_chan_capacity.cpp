// The first receive happens before the send that is as many later as the capacity: before the second of capacity one it
// does.
#include <csp/chan.h>

#include "support/go_in_order.h"

using namespace csp::testing;

int value;
csp::Chan<int> channel = csp::make_chan<int>(1);

int main() {
  return go_in_order([] { channel.send(1); },
                     [] {
                       value = 1;
                       channel.recv();
                     },
                     [] {
                       channel.send(2);
                       use(value);
                     });
}
