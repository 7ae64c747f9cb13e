// A thread that is no goroutine has the channel on its stack, and may send one day.
// finds: nothing

#include <thread>

#include "../blocked.h"

csp::Chan<csp::Unit> never = csp::make_chan<csp::Unit>();

void start() {
  auto numbers = csp::make_chan<int>();
  csp::go([numbers] { numbers.recv(); });
  std::thread([numbers] {
    never.recv();
    numbers.send(1);
  }).detach();
}

int main() {
  return csp::run([] {
    start();
    wait_until_blocked(1);
  });
}
