// A WaitGroup waits for a number of goroutines. Each worker writes to a place of its own, and what it
// wrote may be read once `wait` has returned.

#include <csp/csp.h>

#include <array>
#include <cstddef>
#include <cstdio>

int main() {
  return csp::run([] {
    std::array<std::size_t, 5> squares{};
    csp::WaitGroup workers;
    for (std::size_t i = 0; i < squares.size(); ++i) {
      workers.go([&squares, i] { squares[i] = i * i; });
    }
    workers.wait();
    for (std::size_t square : squares) std::printf("%zu\n", square);
  });
}
