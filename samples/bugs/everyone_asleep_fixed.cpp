// everyone_asleep.cpp with somebody who begins: one of the two sends before it receives.

#include <csp/csp.h>

#include <cstdio>

int main() {
  return csp::run([] {
    auto to_ann = csp::make_chan<int>();
    auto to_bob = csp::make_chan<int>();
    csp::WaitGroup talk;
    talk.go([=] {
      to_bob.send(1);
      std::printf("ann hears %d\n", to_ann.recv());
    });
    talk.go([=] {
      const int heard = to_bob.recv();
      to_ann.send(heard + 1);
    });
    talk.wait();
    std::printf("they have talked\n");
  });
}
