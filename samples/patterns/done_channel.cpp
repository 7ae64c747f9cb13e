// A done channel: closing a channel that nothing is ever sent on tells any number of goroutines to stop.
// The generator below never ends on its own; without `done` it would block in `send` for ever.

#include <csp/csp.h>

#include <cstdio>

csp::RecvChan<int> count_up(csp::RecvChan<csp::Unit> done, csp::WaitGroup& running) {
  auto out = csp::make_chan<int>();
  running.go([=] {
    auto closing = csp::defer([&] { out.close(); });
    for (int i = 1;; ++i) {
      if (csp::select(csp::send(out, i), csp::recv(done)) == 1) return;
    }
  });
  return out;
}

int main() {
  return csp::run([] {
    csp::WaitGroup running;
    auto done = csp::make_chan<csp::Unit>();
    auto numbers = count_up(done, running);
    for (int number : numbers) {
      std::printf("%d\n", number);
      if (number == 5) break;
    }
    done.close();
    running.wait();
    std::printf("generator stopped\n");
  });
}
