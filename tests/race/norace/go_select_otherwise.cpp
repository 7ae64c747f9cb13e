// A select that receives orders.
#include <csp/chan.h>
#include <csp/select.h>

#include "support/go_in_order.h"

using namespace csp::testing;

int value;
csp::Chan<int> channel = csp::make_chan<int>(1);
csp::Chan<int> other = csp::make_chan<int>(1);

int main() {
  return go_in_order(
      [] {
        value = 1;
        channel.send(1);
      },
      [] {
        int received = 0;
        csp::select(csp::recv(channel, received), csp::otherwise());
        use(value);
      });
}
