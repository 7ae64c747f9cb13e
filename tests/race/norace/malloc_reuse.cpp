// A block that one thread has freed is given to another by malloc: a new block, whoever had that memory before.
#include <cstdlib>
#include <thread>

#include "support/invisible_barrier.h"

csp::testing::InvisibleCounter freed;

int main() {
  std::thread first([] {
    for (int i = 0; i < 100; ++i) {
      auto* block = static_cast<int*>(std::malloc(24));
      block[0] = i;
      std::free(block);
    }
    invisibly_signal(freed);
  });
  std::thread second([] {
    invisibly_await(freed, 1);
    for (int i = 0; i < 100; ++i) {
      auto* block = static_cast<int*>(std::calloc(1, 24));
      block[0] = i;
      block = static_cast<int*>(std::realloc(block, 100));
      block[20] = i;
      std::free(block);
    }
  });
  first.join();
  second.join();
}
