// A value is written after a pointer to it is stored in a csp::SyncMap.
#include <csp/sync.h>

#include "support/go_in_order.h"

using namespace csp::testing;

int value;
csp::SyncMap<int, int*> map;

int main() {
  return go_in_order(
      [] {
        map.store(1, &value);
        value = 1;  // RACE
      },
      [] {
        use(**map.load(1));  // RACE
      });
}
