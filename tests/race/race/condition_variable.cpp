// The data that a condition announces is written after the lock was given back.
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
  }
  changed.notify_one();
  data = 1;  // RACE
}

int main() {
  std::thread producer(produce);
  {
    std::unique_lock lock(mutex);
    changed.wait(lock, [] { return ready; });
  }
  use(data);  // RACE
  producer.join();
}
