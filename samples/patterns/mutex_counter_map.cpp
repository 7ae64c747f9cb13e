// A map of counters that any goroutine may use: every access holds the mutex, and no caller can forget
// it because map and mutex are private to one class.

#include <csp/csp.h>

#include <cstdio>
#include <map>
#include <mutex>
#include <string>

class SafeCounter {
 public:
  void increment(const std::string& key) {
    std::lock_guard lock(mutex_);
    ++counts_[key];
  }

  int value(const std::string& key) {
    std::lock_guard lock(mutex_);
    return counts_[key];
  }

 private:
  csp::Mutex mutex_;
  std::map<std::string, int> counts_;
};

int main() {
  return csp::run([] {
    SafeCounter visits;
    csp::WaitGroup visitors;
    for (int i = 0; i < 1000; ++i) {
      visitors.go([&visits, i] { visits.increment(i % 4 == 0 ? "/about" : "/"); });
    }
    visitors.wait();
    std::printf("/      %d\n", visits.value("/"));
    std::printf("/about %d\n", visits.value("/about"));
  });
}
