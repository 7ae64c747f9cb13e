// Initialised by std::call_once, on one flag.
#include <mutex>

#include "support/in_order.h"

using namespace csp::testing;

std::once_flag first;
int value;

void get(std::once_flag& flag) {
  std::call_once(flag, [] { value = 1; });
  use(value);
}

int main() {
  in_order([] { get(first); }, [] { get(first); });
}
