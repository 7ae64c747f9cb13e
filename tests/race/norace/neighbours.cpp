// Two threads write two bytes side by side.
#include "support/in_order.h"

using namespace csp::testing;

char bytes[8];

int main() {
  in_order([] { bytes[3] = 1; }, [] { bytes[4] = 1; });
}
