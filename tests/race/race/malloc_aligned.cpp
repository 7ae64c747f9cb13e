// Objects of large alignment: one is deleted while another thread writes it.
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
      line->words[31] = 1;  // RACE
      lines[2].words[31] = 1;
      *static_cast<int*>(block) = 1;
      words[63] = 1;
      invisibly_signal(used);
    });
    invisibly_await(used, round + 1);
    delete line;  // RACE
    thread.join();
    delete[] lines;
    std::free(block);
    std::free(words);
  }
}
