// An unbuffered channel is a meeting point: a send completes only when a receiver has taken the value.
// Two goroutines add up half of the numbers each and meet main to hand over their sums.

#include <csp/csp.h>

#include <cstdio>
#include <numeric>
#include <span>
#include <vector>

void sum(std::span<const int> numbers, csp::SendChan<int> result) {
  result.send(std::accumulate(numbers.begin(), numbers.end(), 0));
}

int main() {
  return csp::run([] {
    const std::vector<int> numbers{7, 2, 8, -9, 4, 0};
    const std::span<const int> all(numbers);
    auto result = csp::make_chan<int>();
    csp::go(sum, all.first(3), result);
    csp::go(sum, all.last(3), result);

    const int one = result.recv();
    const int other = result.recv();
    std::printf("%d\n", one + other);
  });
}
