// Two threads write a block that one of them has got from the other without a word.
#include <cstdlib>
#include <thread>

#include "support/invisible_barrier.h"

csp::testing::InvisibleCounter freed;
int* handed_over;

int main() {
  std::thread first([] {
    for (int i = 0; i < 100; ++i) {
      auto* block = static_cast<int*>(std::malloc(24));
      block[0] = i;  // RACE
      if (i == 99) __atomic_store_n(&handed_over, block, __ATOMIC_RELAXED);
    }
    invisibly_signal(freed);
  });
  std::thread second([] {
    invisibly_await(freed, 1);
    __atomic_load_n(&handed_over, __ATOMIC_RELAXED)[0] = 1;  // RACE
  });
  first.join();
  second.join();
}
