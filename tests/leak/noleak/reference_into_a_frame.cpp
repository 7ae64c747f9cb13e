// The channel's handle is in the frame of the goroutine that waits; a sleeper refers to it there.
// finds: nothing

#include <chrono>

#include "../blocked.h"

void wait_for_number() {
  csp::Chan<int> numbers = csp::make_chan<int>();
  csp::go([&numbers] {
    csp::sleep(std::chrono::hours(1));
    numbers.send(1);
  });
  numbers.recv();
}

int main() {
  return csp::run([] {
    csp::go(wait_for_number);
    wait_until_blocked(2);
  });
}
