// Two bit-fields that share a memory location.
#include "support/in_order.h"

using namespace csp::testing;

struct Flags {
  unsigned char first : 3;
  unsigned char second : 3;
};

Flags flags;

int main() {
  in_order(
      [] {
        flags.first = 1;  // RACE
      },
      [] {
        flags.second = 1;  // RACE
      });
}
