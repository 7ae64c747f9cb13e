// A block is moved by realloc while another thread writes it.
#include <cstdlib>
#include <thread>

#include "support/invisible_barrier.h"

csp::testing::InvisibleCounter used;

int main() {
  auto* block = static_cast<int*>(std::malloc(10 * sizeof(int)));
  std::thread thread([block] {
    block[5] = 1;  // RACE
    invisibly_signal(used);
  });
  invisibly_await(used, 1);
  block = static_cast<int*>(std::realloc(block, 1000 * sizeof(int)));  // RACE
  thread.join();
  const int seen = block[5];
  std::free(block);
  return seen == 1 ? 0 : 1;
}
