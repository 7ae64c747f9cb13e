// What was sent by pointer is changed before it was sent.
#include <csp/chan.h>

#include "support/go_in_order.h"

using namespace csp::testing;

int value;
csp::Chan<int*> channel = csp::make_chan<int*>(1);

int main() {
  return go_in_order(
      [] {
        value = 1;
        channel.send(&value);
      },
      [] { use(*channel.recv()); });
}
