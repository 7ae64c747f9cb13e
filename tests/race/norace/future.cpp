// A result is read once its future is there.
#include <future>

#include "support/invisible_barrier.h"

using namespace csp::testing;

InvisibleCounter computed;
int result;

int main() {
  std::promise<void> promise;
  std::future<void> future = promise.get_future();
  std::thread thread([&promise] {
    result = 1;
    promise.set_value();
    invisibly_signal(computed);
  });
  future.wait();
  use(result);
  thread.join();
}
