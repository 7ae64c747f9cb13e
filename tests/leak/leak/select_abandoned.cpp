// Both cases of the select are forgotten.
// finds: csp-goroutine-leak [select]

#include "../blocked.h"

void start() {
  auto numbers = csp::make_chan<int>();
  auto done = csp::make_chan<csp::Unit>();
  csp::go([=] {
    int number = 0;
    csp::select(csp::recv(numbers, number), csp::recv(done));
  });
}

int main() {
  return csp::run([] {
    start();
    wait_until_blocked(1);
  });
}
