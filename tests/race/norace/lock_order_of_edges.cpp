// An edge through a mutex goes from the earlier holder to the later: what is written before the earlier section.
#include <mutex>

#include "support/in_order.h"

using namespace csp::testing;

std::mutex mutex;
int value;

int main() {
  in_order(
      [] {
        value = 1;
        mutex.lock();
        mutex.unlock();
      },
      [] {
        mutex.lock();
        mutex.unlock();
        use(value);
      });
}
