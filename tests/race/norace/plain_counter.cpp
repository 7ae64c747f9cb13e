// Two threads count in a plain int, under a mutex.
#include <mutex>

#include "support/in_order.h"

using namespace csp::testing;

int counter;
std::mutex mutex;

void count() {
  std::lock_guard lock(mutex);
  ++counter;
}

int main() { in_order(count, count); }
