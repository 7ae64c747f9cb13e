// The channel is made, and closed.
// finds: nothing

#include "../blocked.h"

int main() {
  return csp::run([] {
    csp::go([] {
      csp::Chan<int> numbers = csp::make_chan<int>();
      numbers.close();
      numbers.recv();
    });
    wait_until_blocked(0);
  });
}
