// Objects of large alignment, by every way to get one.
#include <cstdlib>
#include <new>
#include <thread>

#include "support/invisible_barrier.h"

struct alignas(128) Line {
  int words[32] = {};
};

csp::testing::InvisibleCounter used;

int main() {
  for (int round = 0; round < 4; ++round) {
    Line* line = new Line;
    auto* lines = new (std::nothrow) Line[3];
    void* block = nullptr;
    if (posix_memalign(&block, 64, 200) != 0) return 1;
    auto* words = static_cast<int*>(std::aligned_alloc(64, 256));
    std::thread thread([=] {
      line->words[31] = 1;
      lines[2].words[31] = 1;
      *static_cast<int*>(block) = 1;
      words[63] = 1;
      invisibly_signal(used);
    });
    thread.join();
    delete line;
    delete[] lines;
    std::free(block);
    std::free(words);
  }
}
