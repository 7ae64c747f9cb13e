// A table that is made by the first who asks: a hand-made check, without any order.
#include "support/in_order.h"

using namespace csp::testing;

int made;

int* table() {
  static int entries[1];
  if (made == 0) {   // RACE
    entries[0] = 1;  // RACE
    made = 1;        // RACE
  }
  return entries;
}

void look_up() {
  use(table()[0]);  // RACE
}

int main() { in_order(look_up, look_up); }
