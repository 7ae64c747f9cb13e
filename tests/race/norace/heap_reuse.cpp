// A block of the heap is freed by one thread and given to another.
#include "support/in_order.h"

using namespace csp::testing;

int* block;

void write_to(int* to) { *to = 1; }

int main() {
  in_order(
      [] {
        block = new int;
        write_to(block);
        delete block;
      },
      [] { write_to(new int); });
}
