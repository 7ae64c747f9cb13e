// The receiver gave up: nobody has the channel any more but the one who sends.
// finds: csp-goroutine-leak [chan send]

#include "../blocked.h"

void ask() {
  auto answer = csp::make_chan<int>();
  csp::go([answer] { answer.send(42); });
}

int main() {
  return csp::run([] {
    ask();
    wait_until_blocked(1);
  });
}
