// An int that lies across two words, and a byte behind it.
#include "support/in_order.h"

using namespace csp::testing;

struct [[gnu::packed]] Record {
  char head[6];
  int value;
  char tail;
};

alignas(8) Record record;

int main() {
  in_order([] { record.value = 1; }, [] { record.tail = 1; });
}
