// The last owner deletes: the count goes down acq_rel, so all uses come before.
#include <atomic>

#include "support/in_order.h"

using namespace csp::testing;

struct Object {
  std::atomic<int> owners{2};
  int value = 0;
};

Object* const object = new Object;

void drop() {
  if (object->owners.fetch_sub(1, std::memory_order_acq_rel) == 1) {
    delete object;
  }
}

void use_and_drop() {
  object->value = 1;
  drop();
}

int main() { in_order(use_and_drop, drop); }
