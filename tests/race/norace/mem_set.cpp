// A buffer but for its last byte is cleared by memset while another thread reads that.
#include <cstring>
#include <thread>

#include "support/invisible_barrier.h"

csp::testing::InvisibleCounter cleared;
char buffer[100];

int main(int argc, char**) {
  std::thread thread([argc] {
    std::memset(buffer, argc, sizeof buffer - static_cast<unsigned>(argc));
    invisibly_signal(cleared);
  });
  invisibly_await(cleared, 1);
  const char seen = buffer[99];
  thread.join();
  return seen == 7 ? 1 : 0;
}
