// Made once under a lock, then found without it: the pointer is plain.
#include <atomic>
#include <mutex>

#include "support/in_order.h"

using namespace csp::testing;

std::mutex mutex;
int* instance;
int storage;

int* get() {
  int* found = instance;  // RACE
  if (found == nullptr) {
    std::lock_guard lock(mutex);
    if (instance == nullptr) {
      instance = &storage;  // RACE
    }
    found = instance;
  }
  return found;
}

int main() {
  in_order([] { get(); }, [] { get(); });
}
