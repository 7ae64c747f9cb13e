// A select with a default case never blocks: `csp::otherwise` runs when nothing else is ready.
// `try_send` and `try_recv` are the short forms for a single channel.

#include <csp/csp.h>

#include <cstdio>

int main() {
  return csp::run([] {
    auto box = csp::make_chan<int>(1);
    int value = 0;
    for (int round = 1; round <= 2; ++round) {
      switch (csp::select(csp::recv(box, value), csp::otherwise())) {
        case 0:
          std::printf("round %d: received %d\n", round, value);
          break;
        case 1:
          std::printf("round %d: nothing there, leaving 7\n", round);
          box.send(7);
          break;
      }
    }

    std::printf("try_send: %s\n", box.try_send(8) ? "sent" : "full");
    std::printf("try_send: %s\n", box.try_send(9) ? "sent" : "full");
    std::printf("try_recv: %d\n", box.try_recv().value_or(-1));
    std::printf("try_recv: %d\n", box.try_recv().value_or(-1));
  });
}
