// A thread that is no goroutine writes after it sends to a goroutine.
#include <thread>

#include <csp/chan.h>
#include <csp/go.h>

#include "support/invisible_barrier.h"

using namespace csp::testing;

int value;

int main() {
  csp::Chan<int> channel = csp::make_chan<int>();
  std::thread thread([channel] {
    channel.send(1);
    value = 1;  // RACE
  });
  csp::run([channel] {
    channel.recv();
    use(value);  // RACE
  });
  thread.join();
}
