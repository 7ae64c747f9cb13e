// A mapping that one thread has unmapped is made again by another: new memory, whoever had those addresses before.
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
    mapping[100] = 1;
    munmap(mapping, kSize);
    invisibly_signal(written);
  });
  invisibly_await(written, 1);
  map(mapping);
  mapping[100] = 2;
  thread.join();
}
