// A result is read without asking its future.
#include <future>

#include "support/invisible_barrier.h"

using namespace csp::testing;

InvisibleCounter computed;
int result;

int main() {
  std::promise<void> promise;
  std::future<void> future = promise.get_future();
  std::thread thread([&promise] {
    result = 1;  // RACE
    promise.set_value();
    invisibly_signal(computed);
  });
  invisibly_await(computed, 1);
  use(result);  // RACE
  thread.join();
}
