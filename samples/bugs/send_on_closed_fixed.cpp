// send_on_closed.cpp with the close where all producers are known to be done: the one who starts the
// producers ends the stream.

#include <csp/csp.h>

#include <cstdio>

void produce(csp::SendChan<int> numbers, int from, int to) {
  for (int i = from; i <= to; ++i) numbers.send(i);
}

int main() {
  return csp::run([] {
    auto numbers = csp::make_chan<int>(6);
    produce(numbers, 1, 3);
    produce(numbers, 4, 6);
    numbers.close();
    for (int number : numbers) std::printf("%d\n", number);
  });
}
