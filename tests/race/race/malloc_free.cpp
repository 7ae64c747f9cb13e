// A block is freed while another thread uses it.
#include <cstdlib>
#include <thread>

#include "support/invisible_barrier.h"

csp::testing::InvisibleCounter used;

int main() {
  auto* block = static_cast<int*>(std::malloc(100 * sizeof(int)));
  std::thread thread([block] {
    block[50] = 1;  // RACE
    invisibly_signal(used);
  });
  invisibly_await(used, 1);
  std::free(block);  // RACE
  thread.join();
}
