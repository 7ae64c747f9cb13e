// The channel was never made.
// finds: csp-goroutine-leak [chan receive (nil chan)]

#include "../blocked.h"

int main() {
  return csp::run([] {
    csp::go([] {
      csp::Chan<int> numbers;
      numbers.recv();
    });
    wait_until_blocked(1);
  });
}
