// A receive happens before the send is complete, on an unbuffered channel.
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
      value = 1;
      channel.recv();
    });
    channel.send(1);
    use(value);
    ended.wait();
  });
}
