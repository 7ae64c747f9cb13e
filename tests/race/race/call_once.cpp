// Initialised by std::call_once, on a flag for each thread.
#include <mutex>

#include "support/in_order.h"

using namespace csp::testing;

std::once_flag first;
std::once_flag second;
int value;

void get(std::once_flag& flag) {
  std::call_once(flag, [] {
    value = 1;  // RACE
  });
  use(value);  // RACE
}

int main() {
  in_order([] { get(first); }, [] { get(second); });
}
