// Two threads write a mapping.
#include <sys/mman.h>
#include <thread>

#include "support/invisible_barrier.h"

constexpr std::size_t kSize = 1 << 16;
csp::testing::InvisibleCounter written;
int* mapping;

int* map(void* where) {
  const int flags = MAP_PRIVATE | MAP_ANONYMOUS | (where != nullptr ? MAP_FIXED : 0);
  return static_cast<int*>(mmap(where, kSize, PROT_READ | PROT_WRITE, flags, -1, 0));
}

int main() {
  mapping = map(nullptr);
  std::thread thread([] {
    mapping[100] = 1;  // RACE
    invisibly_signal(written);
  });
  invisibly_await(written, 1);
  mapping[100] = 2;  // RACE
  thread.join();
}
