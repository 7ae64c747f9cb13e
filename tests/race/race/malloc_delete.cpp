// An object is deleted while another thread reads it.
#include <thread>

#include "support/invisible_barrier.h"

csp::testing::InvisibleCounter used;

struct Pair {
  int first = 1;
  int second = 2;
};

int main() {
  auto* pair = new Pair;
  int seen = 0;
  std::thread thread([pair, &seen] {
    seen = pair->second;  // RACE
    invisibly_signal(used);
  });
  invisibly_await(used, 1);
  delete pair;  // RACE
  thread.join();
  return seen == 2 ? 0 : 1;
}
