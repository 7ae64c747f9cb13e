// Rate limiting: every request waits for a tick. A burst is allowed by filling a buffered channel of
// permits beforehand, which a ticker then refills.

#include <csp/csp.h>

#include <chrono>
#include <cstdio>

using namespace std::chrono_literals;

int main() {
  return csp::run([] {
    csp::Ticker ticker(2ms);
    const auto start = csp::now();
    for (int request = 1; request <= 3; ++request) {
      ticker.chan().recv();
      std::printf("request %d\n", request);
    }
    ticker.stop();
    std::printf("paced: %s\n", csp::now() - start >= 6ms ? "yes" : "no");

    auto permits = csp::make_chan<csp::Unit>(3);
    for (int i = 0; i < 3; ++i) permits.send({});
    csp::WaitGroup refill;
    auto done = csp::make_chan<csp::Unit>();
    refill.go([=] {
      csp::Ticker slow(2ms);
      while (csp::select(csp::recv(slow.chan()), csp::recv(done)) == 0) {
        (void)permits.try_send({});  // Full: the permit of this tick is lost, as it should be.
      }
    });
    for (int request = 1; request <= 5; ++request) {
      permits.recv();
      std::printf("burst request %d\n", request);
    }
    done.close();
    refill.wait();
  });
}
