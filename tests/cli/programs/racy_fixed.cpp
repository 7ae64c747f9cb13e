// The twin of racy.cpp: the same two threads, with a lock.

#include <mutex>
#include <thread>

int main() {
  int hits = 0;
  std::mutex mutex;
  std::thread other([&] {
    std::lock_guard lock(mutex);
    hits += 1;
  });
  {
    std::lock_guard lock(mutex);
    hits += 2;
  }
  other.join();
  return hits == 0;
}
