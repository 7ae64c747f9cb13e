// The last owner deletes after an acquire fence, but the count went down relaxed.
#include <atomic>

#include "support/in_order.h"

using namespace csp::testing;

struct Object {
  std::atomic<int> owners{2};
  int value = 0;
};

Object* const object = new Object;

void drop() {
  if (object->owners.fetch_sub(1, std::memory_order_relaxed) == 1) {  // RACE
    std::atomic_thread_fence(std::memory_order_acquire);
    delete object;  // RACE
  }
}

void use_and_drop() {
  object->value = 1;  // RACE
  drop();
}

int main() { in_order(use_and_drop, drop); }
