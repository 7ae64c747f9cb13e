// Two bit-fields with a boundary in between.
#include "support/in_order.h"

using namespace csp::testing;

struct Flags {
  unsigned char first : 3;
  unsigned char : 0;
  unsigned char second : 3;
};

Flags flags;

int main() {
  in_order([] { flags.first = 1; }, [] { flags.second = 1; });
}
