// Misuse that ends the program is a finding, by its own rule.
// finds: csp-unlock-of-unlocked
// status: 2

#include <csp/csp.h>

int main() {
  return csp::run([] {
    csp::Mutex mutex;
    mutex.unlock();
  });
}
