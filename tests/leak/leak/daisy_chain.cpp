// Each knows only the next one, and nobody the first.
// finds: csp-goroutine-leak [chan receive] x10
// needs: detector

#include "../blocked.h"

void chain(csp::RecvChan<int> from, int length) {
  if (length == 0) return;
  auto to = csp::make_chan<int>();
  csp::go([=] { to.send(from.recv()); });
  chain(to, length - 1);
}

int main() {
  return csp::run([] {
    chain(csp::make_chan<int>(), 10);
    wait_until_blocked(10);
  });
}
