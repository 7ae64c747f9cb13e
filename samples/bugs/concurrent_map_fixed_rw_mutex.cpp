// concurrent_map.cpp with the map behind an RwMutex: writers come one at a time, readers all at once.

#include <csp/csp.h>

#include <cstdio>
#include <mutex>
#include <shared_mutex>

int main() {
  return csp::run([] {
    csp::CheckedMap<int, int> hits;
    csp::RwMutex mutex;
    csp::WaitGroup group;
    for (int worker = 0; worker < 4; ++worker) {
      group.go([&hits, &mutex] {
        for (int i = 0; i < 1000; ++i) {
          std::lock_guard lock(mutex);
          ++hits[i % 10];
        }
      });
    }
    group.wait();

    std::shared_lock lock(mutex);
    std::printf("hits of page 7: %d\n", hits.at(7));
  });
}
