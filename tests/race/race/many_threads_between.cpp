// Between two accesses hundreds of threads come and go, of which the first thread knows nothing; the second thread is
// unordered with it. ADDRESSES 5 RUNS 5
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
      *value = 1;  // RACE
      invisibly_signal(written);
    });
    invisibly_await(written, round + 1);
    for (unsigned i = 0; i < kThreads[round]; ++i) std::thread([] {}).join();
    const auto read = [](long value) { use(static_cast<unsigned long>(value)); };
    if (round == 0) std::thread([read] { read(values[0]); }).join();  // RACE
    if (round == 1) std::thread([read] { read(values[1]); }).join();  // RACE
    if (round == 2) std::thread([read] { read(values[2]); }).join();  // RACE
    if (round == 3) std::thread([read] { read(values[3]); }).join();  // RACE
    if (round == 4) std::thread([read] { read(values[4]); }).join();  // RACE
  }
  for (std::thread& writer : writers) writer.join();
}
