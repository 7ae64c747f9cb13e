// forgotten_close.cpp with the channel closed by the one who knows that every producer is finished.

#include <csp/csp.h>

#include <cstdio>

int main() {
  return csp::run([] {
    csp::WaitGroup producers;
    {
      auto numbers = csp::make_chan<int>();
      csp::go([numbers] {
        int sum = 0;
        for (int number : numbers) sum += number;
        std::printf("the sum is %d\n", sum);
      });
      for (int i = 1; i <= 3; ++i) producers.go([numbers, i] { numbers.send(i); });
      producers.wait();
      numbers.close();
    }
    std::printf("leaked goroutines: %zu\n", csp::leak::find().size());
  });
}
