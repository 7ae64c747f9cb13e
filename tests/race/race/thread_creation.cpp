// What a thread reads is written after it was started.
#include <thread>

#include "support/invisible_barrier.h"

using namespace csp::testing;

int value;

int main() {
  std::thread thread([] {
    use(value);  // RACE
  });
  value = 1;  // RACE
  thread.join();
}
