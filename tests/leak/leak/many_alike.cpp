// Equal stacks are one finding with a count.
// finds: csp-goroutine-leak [chan send] x100

#include "../blocked.h"

void ask() {
  auto answer = csp::make_chan<int>();
  csp::go([answer] { answer.send(42); });
}

int main() {
  return csp::run([] {
    for (int i = 0; i < 100; ++i) ask();
    wait_until_blocked(100);
  });
}
