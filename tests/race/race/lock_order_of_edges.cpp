// An edge through a mutex goes from the earlier holder to the later: what is written after the earlier section.
#include <mutex>

#include "support/in_order.h"

using namespace csp::testing;

std::mutex mutex;
int value;

int main() {
  in_order(
      [] {
        mutex.lock();
        mutex.unlock();
        value = 1;  // RACE
      },
      [] {
        mutex.lock();
        mutex.unlock();
        use(value);  // RACE
      });
}
