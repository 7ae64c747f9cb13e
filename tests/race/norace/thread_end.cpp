// What a thread wrote is read after it was joined.
#include <thread>

#include "support/invisible_barrier.h"

using namespace csp::testing;

InvisibleCounter written;
int value;

int main() {
  std::thread thread([] {
    value = 1;
    invisibly_signal(written);
  });
  invisibly_await(written, 1);
  thread.join();
  use(value);
}
