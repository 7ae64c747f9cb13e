// A thread waits on an atomic, with relaxed order.
#include <atomic>
#include <thread>

#include "support/invisible_barrier.h"

using namespace csp::testing;

std::atomic<int> state;
int value;

int main() {
  std::thread thread([] {
    value = 1;  // RACE
    state.store(1, std::memory_order_release);
    state.notify_one();
  });
  state.wait(0, std::memory_order_relaxed);
  use(value);  // RACE
  thread.join();
}
