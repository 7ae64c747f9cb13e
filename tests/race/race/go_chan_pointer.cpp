// What was sent by pointer is changed after it was sent.
#include <csp/chan.h>

#include "support/go_in_order.h"

using namespace csp::testing;

int value;
csp::Chan<int*> channel = csp::make_chan<int*>(1);

int main() {
  return go_in_order(
      [] {
        channel.send(&value);
        value = 1;  // RACE
      },
      [] {
        use(*channel.recv());  // RACE
      });
}
