// What a csp::Cond announces is written after the signal, outside of the lock.
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
      changed.signal();
      mutex.unlock();
      value = 1;  // RACE
    });
    mutex.lock();
    while (!ready) changed.wait();
    mutex.unlock();
    use(value);  // RACE
    ended.wait();
  });
}
