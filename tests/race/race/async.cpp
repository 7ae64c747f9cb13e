// What a std::async wrote is read before get().
#include <future>

#include "support/invisible_barrier.h"

using namespace csp::testing;

InvisibleCounter computed;
int result;

int main() {
  std::future<void> future = std::async(std::launch::async, [] {
    result = 1;  // RACE
    invisibly_signal(computed);
  });
  invisibly_await(computed, 1);
  use(result);  // RACE
  future.get();
}
