// The answer has room: whoever asks may go.
// finds: nothing

#include "../blocked.h"

void ask() {
  auto answer = csp::make_chan<int>(1);
  csp::go([answer] { answer.send(42); });
}

int main() {
  return csp::run([] {
    ask();
    wait_until_blocked(0);
  });
}
