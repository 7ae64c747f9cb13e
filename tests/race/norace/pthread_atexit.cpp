// What was done before a handler was registered happens before it runs.
#include <cstdlib>
#include <thread>

#include "support/invisible_barrier.h"

csp::testing::InvisibleCounter registered;
int value;

int main() {
  std::thread([] {
    value = 1;
    std::atexit([] { value = 2; });
    invisibly_signal(registered);
  }).detach();
  invisibly_await(registered, 1);
}
