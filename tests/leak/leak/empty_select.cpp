// A select without cases.
// finds: csp-goroutine-leak [select (no cases)]

#include "../blocked.h"

int main() {
  return csp::run([] {
    csp::go([] { csp::select(); });
    wait_until_blocked(1);
  });
}
