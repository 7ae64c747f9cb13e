// A thread writes after it has registered a handler that writes too, when main is over.
#include <cstdlib>
#include <thread>

#include "support/invisible_barrier.h"

csp::testing::InvisibleCounter registered;
int value;

int main() {
  std::thread([] {
    std::atexit([] { value = 2; });  // RACE
    value = 1;                       // RACE
    invisibly_signal(registered);
  }).detach();
  invisibly_await(registered, 1);
}
