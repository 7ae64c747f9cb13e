// A counter that is each thread's own.
#include "support/in_order.h"

using namespace csp::testing;

thread_local int counter;

void count() { ++counter; }

int main() { in_order(count, count); }
