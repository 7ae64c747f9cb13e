// The data that a condition announces is written under the lock.
#include <condition_variable>
#include <mutex>
#include <thread>

#include "support/invisible_barrier.h"

using namespace csp::testing;

std::mutex mutex;
std::condition_variable changed;
bool ready;
int data;

void produce() {
  {
    std::lock_guard lock(mutex);
    ready = true;
    data = 1;
  }
  changed.notify_one();
}

int main() {
  std::thread producer(produce);
  {
    std::unique_lock lock(mutex);
    changed.wait(lock, [] { return ready; });
  }
  use(data);
  producer.join();
}
