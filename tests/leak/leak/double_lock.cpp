// A goroutine waits for itself. Main does not wait for it.
// finds: csp-deadlock [sync.Mutex.Lock]

#include <mutex>

#include "../blocked.h"

csp::Mutex mutex;

int main() {
  return csp::run([] {
    csp::go([] {
      std::lock_guard once(mutex);
      std::lock_guard twice(mutex);
    });
    wait_until_blocked(1);
  });
}
