// Main waits as well: the runtime ends the process.
// finds: csp-deadlock [chan receive]
// status: 2

#include <csp/csp.h>

int main() {
  return csp::run([] {
    auto numbers = csp::make_chan<int>();
    numbers.recv();
  });
}
