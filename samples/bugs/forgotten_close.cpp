// The producers are finished, but nobody closes their channel: the consumer's range loop waits for one
// more value for ever, and its last line is never printed.
// The fix: forgotten_close_fixed.cpp.

#include <csp/csp.h>

#include <cstdio>

int main() {
  return csp::run([] {
    csp::WaitGroup producers;
    {
      auto numbers = csp::make_chan<int>();
      csp::go([numbers] {
        int sum = 0;
        for (int number : numbers) sum += number;  // BUG: csp-goroutine-leak
        std::printf("the sum is %d\n", sum);
      });
      for (int i = 1; i <= 3; ++i) producers.go([numbers, i] { numbers.send(i); });
      producers.wait();
    }
    std::printf("leaked goroutines: %zu\n", csp::leak::find().size());
  });
}
