// A channel that is seen to hold an element by len orders nothing.
#include <csp/chan.h>

#include "support/go_in_order.h"

using namespace csp::testing;

int value;
csp::Chan<int> channel = csp::make_chan<int>(1);

int main() {
  return go_in_order(
      [] {
        value = 1;  // RACE
        channel.send(1);
      },
      [] {
        if (channel.len() == 1) {
          use(value);  // RACE
        }
      });
}
