// A thread writes after a std::call_once that an exception left, and another after its own: only executions are
// ordered.
#include <mutex>
#include <stdexcept>
#include <thread>

#include "support/invisible_barrier.h"

std::once_flag once;
csp::testing::InvisibleCounter failed;
int value;

int main() {
  std::thread thread([] {
    try {
      std::call_once(once, [] { throw std::runtime_error("not yet"); });
    } catch (const std::runtime_error&) {
    }
    value = 1;  // RACE
    invisibly_signal(failed);
  });
  invisibly_await(failed, 1);
  std::call_once(once, [] { ++value; });  // RACE
  thread.join();
  return value == 2 ? 0 : 1;
}
