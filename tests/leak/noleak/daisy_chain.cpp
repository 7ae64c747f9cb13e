// A sleeper still knows the first: it may wake the whole chain.
// finds: nothing

#include <chrono>

#include "../blocked.h"

void chain(csp::RecvChan<int> from, int length) {
  if (length == 0) return;
  auto to = csp::make_chan<int>();
  csp::go([=] { to.send(from.recv()); });
  chain(to, length - 1);
}

int main() {
  return csp::run([] {
    auto first = csp::make_chan<int>();
    chain(first, 10);
    csp::go([=] {
      csp::sleep(std::chrono::hours(1));
      first.send(1);
    });
    wait_until_blocked(11);
  });
}
