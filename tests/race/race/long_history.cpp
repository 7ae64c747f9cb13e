// After its part of the race a thread does two hundred thousand other accesses, and lives on.
// RUNS 5
#include <thread>

#include "support/invisible_barrier.h"

using namespace csp::testing;

InvisibleCounter done;
long numbers[4096];
int value;

int main() {
  std::thread writer([] {
    value = 1;  // RACE
    for (unsigned i = 0; i < 200'000; ++i) numbers[i % 4096] += 1;
    invisibly_signal(done);
  });
  invisibly_await(done, 1);
  use(static_cast<unsigned>(value));  // RACE
  writer.join();
}
