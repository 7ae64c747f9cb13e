// Misuse that ends the program is a finding, by its own rule.
// finds: csp-close-nil
// status: 2

#include <csp/csp.h>

int main() {
  return csp::run([] {
    csp::Chan<int> c;
    c.close();
  });
}
