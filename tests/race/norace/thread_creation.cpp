// What a thread reads is written before it was started.
#include <thread>

#include "support/invisible_barrier.h"

using namespace csp::testing;

int value;

int main() {
  value = 1;
  std::thread thread([] { use(value); });
  thread.join();
}
