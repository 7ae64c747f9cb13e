// A goroutine that is parked in a select is woken by a send; the value is written before it.
#include <csp/chan.h>
#include <csp/go.h>
#include <csp/select.h>
#include <csp/sync.h>

#include "support/invisible_barrier.h"

using namespace csp::testing;

int value;

int main() {
  return csp::run([] {
    csp::Chan<int> first = csp::make_chan<int>();
    csp::Chan<int> second = csp::make_chan<int>();
    csp::WaitGroup ended;
    ended.go([first, second] {
      int received = 0;
      csp::select(csp::recv(first, received), csp::recv(second, received));
      use(value);
    });
    value = 1;
    second.send(1);
    ended.wait();
  });
}
