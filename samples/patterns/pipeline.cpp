// A pipeline: every stage is a goroutine that reads one channel and writes the next, and closes what it
// writes when its input ends. The end therefore travels down the pipeline by itself.

#include <csp/csp.h>

#include <cstdio>

csp::RecvChan<int> generate(int count) {
  auto out = csp::make_chan<int>();
  csp::go([=] {
    for (int i = 1; i <= count; ++i) out.send(i);
    out.close();
  });
  return out;
}

csp::RecvChan<int> square(csp::RecvChan<int> in) {
  auto out = csp::make_chan<int>();
  csp::go([=] {
    for (int number : in) out.send(number * number);
    out.close();
  });
  return out;
}

int main() {
  return csp::run([] {
    for (int number : square(square(generate(5)))) std::printf("%d\n", number);
  });
}
