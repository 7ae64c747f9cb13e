// A goroutine writes after a try_lock which succeeded.
#include <csp/sync.h>

#include "support/go_in_order.h"

using namespace csp::testing;

int value;
csp::Mutex mutex;

int main() {
  return go_in_order(
      [] {
        mutex.lock();
        use(value);
        mutex.unlock();
      },
      [] {
        const bool locked = mutex.try_lock();
        use(locked ? 1 : 0);
        value = 1;
      });
}
