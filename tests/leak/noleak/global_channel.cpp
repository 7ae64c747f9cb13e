// Anybody could still send on a global channel. That nobody will is more than we can know: a note, no finding.
// finds: nothing

#include "../blocked.h"

csp::Chan<int> orders = csp::make_chan<int>();

int main() {
  return csp::run([] {
    csp::go([] { orders.recv(); });
    wait_until_blocked(1);
  });
}
