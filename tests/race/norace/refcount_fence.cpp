// The last owner deletes after an acquire fence, and the count went down with release.
#include <atomic>

#include "support/in_order.h"

using namespace csp::testing;

struct Object {
  std::atomic<int> owners{2};
  int value = 0;
};

Object* const object = new Object;

void drop() {
  if (object->owners.fetch_sub(1, std::memory_order_release) == 1) {
    std::atomic_thread_fence(std::memory_order_acquire);
    delete object;
  }
}

void use_and_drop() {
  object->value = 1;
  drop();
}

int main() { in_order(use_and_drop, drop); }
