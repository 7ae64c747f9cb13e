// receiver_close.cpp with a second channel for the opposite direction: the receiver closes `enough`, the
// sender watches it, and the sender closes its own channel.

#include <csp/csp.h>

#include <cstdio>

int main() {
  return csp::run([] {
    auto numbers = csp::make_chan<int>();
    auto enough = csp::make_chan<csp::Unit>();
    csp::WaitGroup senders;
    senders.go([=] {
      for (int i = 1; csp::select(csp::send(numbers, i), csp::recv(enough)) == 0; ++i) continue;
      numbers.close();
    });
    for (int i = 0; i < 3; ++i) std::printf("%d\n", numbers.recv());
    enough.close();
    senders.wait();
  });
}
