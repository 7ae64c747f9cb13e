// A value is written after the send that a select receives.
#include <csp/chan.h>
#include <csp/select.h>

#include "support/go_in_order.h"

using namespace csp::testing;

int value;
csp::Chan<int> channel = csp::make_chan<int>(1);
csp::Chan<int> other = csp::make_chan<int>();

int main() {
  return go_in_order(
      [] {
        channel.send(1);
        value = 1;  // RACE
      },
      [] {
        int received = 0;
        csp::select(csp::recv(other, received), csp::recv(channel, received));
        use(value);  // RACE
      });
}
