// A value is written after a send on an unbuffered channel, and read after the receive.
#include <csp/chan.h>
#include <csp/go.h>
#include <csp/sync.h>

#include "support/invisible_barrier.h"

using namespace csp::testing;

int value;

int main() {
  return csp::run([] {
    csp::Chan<int> channel = csp::make_chan<int>();
    csp::WaitGroup ended;
    ended.go([channel] {
      channel.send(1);
      value = 1;  // RACE
    });
    channel.recv();
    use(value);  // RACE
    ended.wait();
  });
}
