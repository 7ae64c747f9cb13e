// A read is followed by many reads of others that the writer has waited for; the writer has not waited for the first.
// ADDRESSES 4
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
      use(static_cast<unsigned long>(*value));  // RACE
      invisibly_signal(been_read);
    });
    invisibly_await(been_read, round + 1);
    for (unsigned i = 0; i < kReaders[round]; ++i) {
      std::thread([value] { use(static_cast<unsigned long>(*value)); }).join();
    }
    if (round == 0) values[0] = 1;  // RACE
    if (round == 1) values[1] = 1;  // RACE
    if (round == 2) values[2] = 1;  // RACE
    if (round == 3) values[3] = 1;  // RACE
    first.detach();
  }
}
