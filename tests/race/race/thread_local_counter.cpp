// A counter that is shared.
#include "support/in_order.h"

using namespace csp::testing;

int counter;

void count() {
  ++counter;  // RACE
}

int main() { in_order(count, count); }
