// A table that is made by the first who asks: a function's static variable.
#include "support/in_order.h"

using namespace csp::testing;

int made;

int* table() {
  struct Table {
    Table() { entries[0] = 1, made = 1; }
    int entries[1];
  };
  static Table table;
  return table.entries;
}

void look_up() { use(table()[0]); }

int main() { in_order(look_up, look_up); }
