// Two threads write the same byte.
#include "support/in_order.h"

using namespace csp::testing;

char bytes[8];

int main() {
  in_order(
      [] {
        bytes[3] = 1;  // RACE
      },
      [] {
        bytes[3] = 1;  // RACE
      });
}
