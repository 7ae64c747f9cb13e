// A try_recv that fails orders nothing: the channel is empty.
#include <csp/chan.h>

#include "support/go_in_order.h"

using namespace csp::testing;

int value;
csp::Chan<int> channel = csp::make_chan<int>(1);

int main() {
  return go_in_order([] {},
                     [] {
                       value = 1;  // RACE
                       use(channel.try_recv() ? 1 : 0);
                     },
                     [] {
                       channel.send(1);
                       use(value);  // RACE
                     });
}
