// An execution of std::call_once that an exception left happens before the next one.
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
      std::call_once(once, [] {
        value = 1;
        throw std::runtime_error("not yet");
      });
    } catch (const std::runtime_error&) {
    }
    invisibly_signal(failed);
  });
  invisibly_await(failed, 1);
  std::call_once(once, [] { ++value; });
  thread.join();
  return value == 2 ? 0 : 1;
}
