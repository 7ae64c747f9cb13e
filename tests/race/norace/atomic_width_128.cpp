// Atomics of 128 bits: a pair of words is published by a release store.
#include <cstdint>

#include "support/in_order.h"

using namespace csp::testing;

__extension__ using Wide = unsigned __int128;

int message;
alignas(16) Wide state;

void publish() {
  message = 1;
  __atomic_store_n(&state, Wide{1} << 64 | 1, __ATOMIC_RELEASE);
}

void receive() {
  if (__atomic_load_n(&state, __ATOMIC_ACQUIRE) >> 64 == 1) {
    use(message);
  }
}

int main() { in_order(publish, receive); }
