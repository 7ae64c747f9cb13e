// The initialization of a static object happens before what all do who have passed it.
#include <thread>

#include "support/invisible_barrier.h"

csp::testing::InvisibleCounter used;

struct Table {
  Table() : entries(new int[4]) { entries[0] = 1; }
  int* entries;
};

int* table() {
  static Table only;
  return only.entries;
}

int main() {
  std::thread thread([] {
    table();
    invisibly_signal(used);
  });
  invisibly_await(used, 1);
  const int seen = table()[0];
  thread.join();
  return seen == 3 ? 1 : 0;
}
