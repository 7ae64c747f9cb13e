// The receiver has seen enough and closes the channel to say so. But closing is the sender's word: the
// sender, who knows nothing of it, panics in its next send.
// The fix: receiver_close_fixed.cpp.

#include <csp/csp.h>

#include <cstdio>

int main() {
  return csp::run([] {
    auto numbers = csp::make_chan<int>();
    csp::WaitGroup senders;
    senders.go([=] {
      for (int i = 1;; ++i) numbers.send(i);  // BUG: csp-send-on-closed
    });
    for (int i = 0; i < 3; ++i) std::printf("%d\n", numbers.recv());
    numbers.close();
    senders.wait();
  });
}
