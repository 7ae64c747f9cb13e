// A thread waits on an atomic, with acquire order.
#include <atomic>
#include <thread>

#include "support/invisible_barrier.h"

using namespace csp::testing;

std::atomic<int> state;
int value;

int main() {
  std::thread thread([] {
    value = 1;
    state.store(1, std::memory_order_release);
    state.notify_one();
  });
  state.wait(0, std::memory_order_acquire);
  use(value);
  thread.join();
}
