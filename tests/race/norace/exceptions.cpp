// After a thousand exceptions the lines of a race are right: a counter under a mutex.
#include <mutex>
#include <stdexcept>

#include "support/in_order.h"

using namespace csp::testing;

std::mutex mutex;
int counter;

[[gnu::noinline]] void descend(int depth) {
  if (depth == 0) throw std::runtime_error("bottom");
  descend(depth - 1);
}

void count() {
  for (int i = 0; i < 1000; ++i) {
    try {
      descend(i % 10);
    } catch (const std::exception&) {
    }
  }
  std::lock_guard lock(mutex);
  ++counter;
}

int main() { in_order(count, count); }
