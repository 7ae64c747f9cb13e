// Each thread holds a mutex while it counts: one of its own.
#include <mutex>

#include "support/in_order.h"

using namespace csp::testing;

std::mutex first;
std::mutex second;
int counter;

void count(std::mutex& mutex) {
  std::lock_guard lock(mutex);
  ++counter;  // RACE
}

int main() {
  in_order([] { count(first); }, [] { count(second); });
}
