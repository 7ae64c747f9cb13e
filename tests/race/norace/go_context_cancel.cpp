// A value is written before a context is cancelled, and read by whoever finds it done.
#include <csp/context.h>

#include "support/go_in_order.h"

using namespace csp::testing;

int value;
auto cancelable = csp::with_cancel(csp::background());

int main() {
  return go_in_order(
      [] {
        value = 1;
        cancelable.cancel();
      },
      [] {
        cancelable.ctx.done().receive();
        use(value);
      });
}
