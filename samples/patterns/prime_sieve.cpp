// The concurrent prime sieve: a chain of goroutines, each of which drops the multiples of one prime. What
// comes out of the end of the chain is the next prime, which gets a filter of its own.

#include <csp/csp.h>

#include <cstdio>

csp::RecvChan<int> numbers_up_to(int limit) {
  auto out = csp::make_chan<int>();
  csp::go([=] {
    for (int i = 2; i <= limit; ++i) out.send(i);
    out.close();
  });
  return out;
}

csp::RecvChan<int> without_multiples_of(int prime, csp::RecvChan<int> in) {
  auto out = csp::make_chan<int>();
  csp::go([=] {
    for (int number : in) {
      if (number % prime != 0) out.send(number);
    }
    out.close();
  });
  return out;
}

int main() {
  return csp::run([] {
    csp::RecvChan<int> candidates = numbers_up_to(50);
    while (auto prime = candidates.receive()) {
      std::printf("%d\n", *prime);
      candidates = without_multiples_of(*prime, candidates);
    }
  });
}
