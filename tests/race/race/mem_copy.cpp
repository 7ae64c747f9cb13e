// A structure is copied by memcpy while another thread writes it.
#include <cstring>
#include <thread>

#include "support/invisible_barrier.h"

csp::testing::InvisibleCounter written;
char from[1000];
char to[1000];

int main(int argc, char**) {
  std::thread thread([] {
    from[999] = 1;  // RACE
    invisibly_signal(written);
  });
  invisibly_await(written, 1);
  std::memcpy(to, from, sizeof from - static_cast<unsigned>(argc - 1));  // RACE
  thread.join();
  return to[999] == 1 ? 0 : 1;
}
