// Each of eight threads writes a byte of its own in one word; main reads them all, before it has joined them.
// ADDRESSES 8
#include <thread>
#include <utility>

#include "support/invisible_barrier.h"

using namespace csp::testing;

InvisibleCounter written;
alignas(8) unsigned char bytes[8];

template <int kIndex>
[[gnu::noinline]] void read_byte() {
  use(bytes[kIndex]);  // RACE
}

template <int... kIndices>
void read_all(std::integer_sequence<int, kIndices...>) {
  (read_byte<kIndices>(), ...);
}

int main() {
  std::thread writers[8];
  for (unsigned i = 0; i < 8; ++i) {
    writers[i] = std::thread([i] {
      bytes[i] = 1;  // RACE
      invisibly_signal(written);
    });
  }
  invisibly_await(written, 8);
  read_all(std::make_integer_sequence<int, 8>());
  for (std::thread& writer : writers) writer.join();
}
