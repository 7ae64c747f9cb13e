#include <cstdio>
#include <mutex>
#include <thread>

int main() {
  std::mutex mutex;
  int count = 0;
  const auto work = [&] {
    for (int i = 0; i < 1000; ++i) {
      std::lock_guard lock(mutex);
      ++count;
    }
  };
  std::thread first(work);
  std::thread second(work);
  first.join();
  second.join();
  std::printf("%d\n", count);
  return count == 2000 ? 0 : 1;
}
