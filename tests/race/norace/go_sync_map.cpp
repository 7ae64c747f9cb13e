// A value is written before a pointer to it is stored in a csp::SyncMap.
#include <csp/sync.h>

#include "support/go_in_order.h"

using namespace csp::testing;

int value;
csp::SyncMap<int, int*> map;

int main() {
  return go_in_order(
      [] {
        value = 1;
        map.store(1, &value);
      },
      [] { use(**map.load(1)); });
}
