// unbuffered_send.cpp with the send in a goroutine of its own, so that sender and receiver can meet. A
// buffer of one would do here as well.

#include <csp/csp.h>

#include <cstdio>

int main() {
  return csp::run([] {
    auto letters = csp::make_chan<int>();
    csp::go([=] { letters.send(1); });
    std::printf("received %d\n", letters.recv());
  });
}
