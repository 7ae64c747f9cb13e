// The lock's holder returned without unlocking, and nobody else knows the lock.
// finds: csp-goroutine-leak [sync.Mutex.Lock]
// needs: detector

#include <memory>

#include "../blocked.h"

void start() {
  auto mutex = std::make_shared<csp::Mutex>();
  mutex->lock();
  csp::go([mutex] { mutex->lock(); });
}

int main() {
  return csp::run([] {
    start();
    wait_until_blocked(1);
  });
}
