// A detached thread hands over its result by a relaxed store.
#include <atomic>
#include <thread>

#include "support/invisible_barrier.h"

using namespace csp::testing;

int result;
std::atomic<bool> done;

int main() {
  std::thread([] {
    result = 1;  // RACE
    done.store(true, std::memory_order_relaxed);
  }).detach();
  while (!done.load(std::memory_order_acquire)) std::this_thread::yield();
  use(result);  // RACE
}
