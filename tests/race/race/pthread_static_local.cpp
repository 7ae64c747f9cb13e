// A static object is changed by two threads after its initialization, which alone is ordered.
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
    table()[0] = 2;  // RACE
    invisibly_signal(used);
  });
  invisibly_await(used, 1);
  const int seen = table()[0];  // RACE
  thread.join();
  return seen == 3 ? 1 : 0;
}
