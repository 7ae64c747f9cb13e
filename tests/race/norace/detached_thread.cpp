// A detached thread hands over its result by a release store.
#include <atomic>
#include <thread>

#include "support/invisible_barrier.h"

using namespace csp::testing;

int result;
std::atomic<bool> done;

int main() {
  std::thread([] {
    result = 1;
    done.store(true, std::memory_order_release);
  }).detach();
  while (!done.load(std::memory_order_acquire)) std::this_thread::yield();
  use(result);
}
