#include <csp/csp.h>

#include <cstdio>

int main() {
  return csp::run([] {
    auto answers = csp::make_chan<int>();
    csp::go([answers] { answers.send(42); });
    std::printf("%d\n", answers.recv());
  });
}
