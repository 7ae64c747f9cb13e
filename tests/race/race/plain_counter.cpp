// Two threads count in a plain int, without a lock.
#include "support/in_order.h"

using namespace csp::testing;

int counter;
void count() {
  ++counter;  // RACE
}

int main() { in_order(count, count); }
