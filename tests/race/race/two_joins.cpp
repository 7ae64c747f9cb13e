// Whoever joins one of two threads knows nothing of the other, though it ended first.
#include <thread>

#include "support/invisible_barrier.h"

using namespace csp::testing;

InvisibleCounter ended;
int value;

int main() {
  std::thread first([] {
    value = 1;  // RACE
    invisibly_signal(ended);
  });
  invisibly_await(ended, 1);
  std::thread second([&first] { static_cast<void>(first); });
  second.join();
  use(value);  // RACE
  first.join();
}
