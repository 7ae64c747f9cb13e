// One case is a timer: it comes, though after main has returned.
// finds: nothing

#include <chrono>

#include "../blocked.h"

void start() {
  auto numbers = csp::make_chan<int>();
  csp::go([=] {
    int number = 0;
    csp::select(csp::recv(numbers, number), csp::recv(csp::after(std::chrono::hours(1))));
  });
}

int main() {
  return csp::run([] {
    start();
    wait_until_blocked(1);
  });
}
