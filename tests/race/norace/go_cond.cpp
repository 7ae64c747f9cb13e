// What a csp::Cond announces is written before the signal, under the lock.
#include <csp/go.h>
#include <csp/sync.h>

#include "support/invisible_barrier.h"

using namespace csp::testing;

csp::Mutex mutex;
csp::Cond changed(mutex);
bool ready;
int value;

int main() {
  return csp::run([] {
    csp::WaitGroup ended;
    ended.go([] {
      mutex.lock();
      ready = true;
      value = 1;
      changed.signal();
      mutex.unlock();
    });
    mutex.lock();
    while (!ready) changed.wait();
    mutex.unlock();
    use(value);
    ended.wait();
  });
}
