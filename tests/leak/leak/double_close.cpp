// Misuse that ends the program is a finding, by its own rule.
// finds: csp-double-close
// status: 2

#include <csp/csp.h>

int main() {
  return csp::run([] {
    auto c = csp::make_chan<int>();
    c.close();
    c.close();
  });
}
