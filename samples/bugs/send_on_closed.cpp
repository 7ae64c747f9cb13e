// Each producer closes the channel when it is done, as if it were the only one. The second producer's
// first send finds the channel closed, which is a panic.
// The fix: send_on_closed_fixed.cpp.

#include <csp/csp.h>

#include <cstdio>

void produce(csp::SendChan<int> numbers, int from, int to) {
  for (int i = from; i <= to; ++i) numbers.send(i);  // BUG: csp-send-on-closed
  numbers.close();
}

int main() {
  return csp::run([] {
    auto numbers = csp::make_chan<int>(6);
    produce(numbers, 1, 3);
    produce(numbers, 4, 6);
    for (int number : numbers) std::printf("%d\n", number);
  });
}
