// Between two accesses hundreds of threads come and go, of which the first thread knows nothing; the second thread was
// started after it was joined. RUNS 5
#include <thread>

#include "support/invisible_barrier.h"

using namespace csp::testing;

constexpr unsigned kThreads[] = {0, 62, 100, 253, 520};

InvisibleCounter written;
long values[5];

int main() {
  std::thread writers[5];
  for (unsigned round = 0; round < 5; ++round) {
    long* value = &values[round];
    writers[round] = std::thread([value] {
      *value = 1;
      invisibly_signal(written);
    });
    invisibly_await(written, round + 1);
    writers[round].join();
    for (unsigned i = 0; i < kThreads[round]; ++i) std::thread([] {}).join();
    std::thread([value] { use(static_cast<unsigned long>(*value)); }).join();
  }
}
