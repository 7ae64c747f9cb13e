// A send on an unbuffered channel waits for a receiver, and the only receiver is the same goroutine, two
// lines further down.
// The fix: unbuffered_send_fixed.cpp.

#include <csp/csp.h>

#include <cstdio>

int main() {
  return csp::run([] {
    auto letters = csp::make_chan<int>();
    letters.send(1);  // BUG: csp-deadlock
    std::printf("received %d\n", letters.recv());
  });
}
