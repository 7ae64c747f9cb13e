// Eight bytes are written at once; another thread reads two of them.
#include <cstdint>

#include "support/in_order.h"

using namespace csp::testing;

alignas(16) std::uint64_t words[2];

int main() {
  in_order(
      [] {
        words[0] = 1;  // RACE
      },
      [] {
        use(reinterpret_cast<std::uint16_t*>(words)[3]);  // RACE
      });
}
