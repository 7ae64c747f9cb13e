// Main returns before the goroutine has run at all.
// finds: csp-goroutine-leak [chan send]

#include <csp/csp.h>

void ask() {
  auto answer = csp::make_chan<int>();
  csp::go([answer] { answer.send(42); });
}

int main() {
  return csp::run([] { ask(); });
}
