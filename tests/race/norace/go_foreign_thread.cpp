// A thread that is no goroutine writes before it sends to a goroutine.
#include <thread>

#include <csp/chan.h>
#include <csp/go.h>

#include "support/invisible_barrier.h"

using namespace csp::testing;

int value;

int main() {
  csp::Chan<int> channel = csp::make_chan<int>();
  std::thread thread([channel] {
    value = 1;
    channel.send(1);
  });
  csp::run([channel] {
    channel.recv();
    use(value);
  });
  thread.join();
}
