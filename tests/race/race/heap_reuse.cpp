// A block of the heap is still used by one thread when another has it.
#include "support/in_order.h"

using namespace csp::testing;

int* block;

void write_to(int* to) {
  *to = 1;  // RACE
}

int main() {
  in_order(
      [] {
        block = new int;  // RACE
        write_to(block);
      },
      [] {
        write_to(block);  // RACE
      });
}
