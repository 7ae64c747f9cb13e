// A value is written after a select sends.
#include <csp/chan.h>
#include <csp/select.h>

#include "support/go_in_order.h"

using namespace csp::testing;

int value;
csp::Chan<int> channel = csp::make_chan<int>(1);
csp::Chan<int> other;

int main() {
  return go_in_order(
      [] {
        csp::select(csp::send(other, 1), csp::send(channel, 1));
        value = 1;  // RACE
      },
      [] {
        channel.recv();
        use(value);  // RACE
      });
}
