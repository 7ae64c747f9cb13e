// Made once under a lock, then found without it: the pointer is atomic.
#include <atomic>
#include <mutex>

#include "support/in_order.h"

using namespace csp::testing;

std::mutex mutex;
std::atomic<int*> instance;
int storage;

int* get() {
  int* found = instance.load(std::memory_order_acquire);
  if (found == nullptr) {
    std::lock_guard lock(mutex);
    if (instance == nullptr) {
      instance.store(&storage, std::memory_order_release);
    }
    found = instance;
  }
  return found;
}

int main() {
  in_order([] { get(); }, [] { get(); });
}
