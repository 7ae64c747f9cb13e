// Two goroutines that each wait for the other to speak first, and a main goroutine that waits for both.
// Nothing outside can wake any of them: the runtime ends the program and shows where everybody sleeps.
// The fix: everyone_asleep_fixed.cpp.

#include <csp/csp.h>

#include <cstdio>

int main() {
  return csp::run([] {
    auto to_ann = csp::make_chan<int>();
    auto to_bob = csp::make_chan<int>();
    csp::WaitGroup talk;
    talk.go([=] {
      const int heard = to_ann.recv();  // BUG: csp-deadlock
      to_bob.send(heard + 1);
    });
    talk.go([=] {
      const int heard = to_bob.recv();  // BUG: csp-deadlock
      to_ann.send(heard + 1);
    });
    talk.wait();  // BUG: csp-deadlock
    std::printf("they have talked\n");
  });
}
