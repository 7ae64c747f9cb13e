// Two threads count while they hold a lock for writing.
#include <mutex>
#include <shared_mutex>

#include "support/in_order.h"

using namespace csp::testing;

std::shared_mutex mutex;
int counter;

void count() {
  std::unique_lock lock(mutex);
  ++counter;
}

int main() { in_order(count, count); }
