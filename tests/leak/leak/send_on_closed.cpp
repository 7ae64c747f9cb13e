// Misuse that ends the program is a finding, by its own rule.
// finds: csp-send-on-closed
// status: 2

#include <csp/csp.h>

int main() {
  return csp::run([] {
    auto c = csp::make_chan<int>(1);
    c.close();
    c.send(1);
  });
}
