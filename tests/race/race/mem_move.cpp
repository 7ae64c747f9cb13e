// Two threads move bytes that overlap by one.
#include <cstring>
#include <thread>

#include "support/invisible_barrier.h"

csp::testing::InvisibleCounter moved;
char bytes[64];

int main(int argc, char**) {
  const auto size = static_cast<unsigned>(argc) * 15;
  std::thread thread([size] {
    std::memmove(bytes + 1, bytes, size);  // RACE
    invisibly_signal(moved);
  });
  invisibly_await(moved, 1);
  std::memmove(bytes + 15, bytes + 20, size);  // RACE
  thread.join();
}
