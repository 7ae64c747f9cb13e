// Between two accesses another mutex is locked and unlocked four million times; the first thread was joined.
// RUNS 1
#include <mutex>
#include <thread>

#include "support/invisible_barrier.h"

using namespace csp::testing;

InvisibleCounter written;
std::mutex unrelated;
int value;

int main() {
  std::thread writer([] {
    value = 1;
    invisibly_signal(written);
  });
  invisibly_await(written, 1);
  writer.join();
  for (int i = 0; i < 4'300'000; ++i) {
    unrelated.lock();
    unrelated.unlock();
  }
  use(static_cast<unsigned>(value));
}
