// A value is written after the channel is closed, and read after the loop over it.
#include <csp/chan.h>

#include "support/go_in_order.h"

using namespace csp::testing;

int value;
csp::Chan<int> channel = csp::make_chan<int>(2);

int main() {
  return go_in_order(
      [] {
        channel.send(1);
        channel.close();
        value = 1;  // RACE
      },
      [] {
        for (int received : channel) use(static_cast<unsigned>(received));
        use(value);  // RACE
      });
}
