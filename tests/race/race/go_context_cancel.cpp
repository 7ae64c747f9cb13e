// A value is written after a context is cancelled, and read by whoever finds it done.
#include <csp/context.h>

#include "support/go_in_order.h"

using namespace csp::testing;

int value;
auto cancelable = csp::with_cancel(csp::background());

int main() {
  return go_in_order(
      [] {
        cancelable.cancel();
        value = 1;  // RACE
      },
      [] {
        cancelable.ctx.done().receive();
        use(value);  // RACE
      });
}
