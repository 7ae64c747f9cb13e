// Misuse that ends the program is a finding, by its own rule.
// finds: csp-waitgroup-misuse
// status: 2

#include <csp/csp.h>

int main() {
  return csp::run([] {
    csp::WaitGroup group;
    group.done();
  });
}
