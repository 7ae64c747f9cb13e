// A thread that ended long ago, before 30,000 sections of a mutex and a hundred other threads; nobody has waited for
// it. RUNS 5
#include <mutex>
#include <thread>

#include "support/invisible_barrier.h"

using namespace csp::testing;

InvisibleCounter written;
std::mutex unrelated;
int value;

int main() {
  std::thread writer([] {
    value = 1;  // RACE
    invisibly_signal(written);
  });
  writer.detach();
  invisibly_await(written, 1);
  for (int i = 0; i < 100; ++i) {
    std::thread([] {
      for (int round = 0; round < 300; ++round) std::lock_guard lock(unrelated);
    }).join();
  }
  use(static_cast<unsigned>(value));  // RACE
}
