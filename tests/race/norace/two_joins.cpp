// Whoever joins one of two threads knows of the other what that one had joined.
#include <thread>

#include "support/invisible_barrier.h"

using namespace csp::testing;

InvisibleCounter ended;
int value;

int main() {
  std::thread first([] {
    value = 1;
    invisibly_signal(ended);
  });
  invisibly_await(ended, 1);
  std::thread second([&first] { first.join(); });
  second.join();
  use(value);
}
