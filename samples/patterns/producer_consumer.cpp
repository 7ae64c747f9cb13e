// Directional channels say who may do what: the producer can only send and close, the consumer can only
// receive. The consumer's range loop ends when the channel is closed and drained.

#include <csp/csp.h>

#include <cstdio>

void produce(csp::SendChan<int> numbers) {
  auto closing = csp::defer([&] { numbers.close(); });
  for (int i = 1; i <= 5; ++i) numbers.send(i);
}

void consume(csp::RecvChan<int> numbers, csp::SendChan<int> total) {
  int sum = 0;
  for (int number : numbers) {
    std::printf("consumed %d\n", number);
    sum += number;
  }
  total.send(sum);
}

int main() {
  return csp::run([] {
    auto numbers = csp::make_chan<int>(2);
    auto total = csp::make_chan<int>();
    csp::go(produce, numbers);
    csp::go(consume, numbers, total);
    std::printf("total %d\n", total.recv());
  });
}
