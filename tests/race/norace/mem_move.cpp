// Two threads move bytes beside each other.
#include <cstring>
#include <thread>

#include "support/invisible_barrier.h"

csp::testing::InvisibleCounter moved;
char bytes[64];

int main(int argc, char**) {
  const auto size = static_cast<unsigned>(argc) * 15;
  std::thread thread([size] {
    std::memmove(bytes + 1, bytes, size);
    invisibly_signal(moved);
  });
  invisibly_await(moved, 1);
  std::memmove(bytes + 16, bytes + 20, size);
  thread.join();
}
