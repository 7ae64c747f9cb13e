// A read is followed by many reads of others that the writer has waited for; the writer has also waited for the first.
#include <thread>

#include "support/invisible_barrier.h"

using namespace csp::testing;

constexpr unsigned kReaders[] = {1, 6, 16, 64};

InvisibleCounter been_read;
long values[4];

int main() {
  for (unsigned round = 0; round < 4; ++round) {
    long* value = &values[round];
    std::thread first([value] {
      use(static_cast<unsigned long>(*value));
      invisibly_signal(been_read);
    });
    invisibly_await(been_read, round + 1);
    first.join();
    for (unsigned i = 0; i < kReaders[round]; ++i) {
      std::thread([value] { use(static_cast<unsigned long>(*value)); }).join();
    }
    *value = 1;
  }
}
