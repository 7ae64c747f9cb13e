// Two threads count while they hold a lock for reading, which does not order them.
#include <mutex>
#include <shared_mutex>

#include "support/in_order.h"

using namespace csp::testing;

std::shared_mutex mutex;
int counter;

void count() {
  std::shared_lock lock(mutex);
  ++counter;  // RACE
}

int main() { in_order(count, count); }
