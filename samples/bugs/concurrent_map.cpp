// Several goroutines write to one map. A plain map would be corrupted silently; a CheckedMap notices, as
// Go's map does, that a write began inside another one, and ends the program.
// The fixes: concurrent_map_fixed_rw_mutex.cpp, concurrent_map_fixed_sync_map.cpp.

#include <csp/csp.h>

#include <cstdio>

int main() {
  return csp::run([] {
    csp::CheckedMap<int, int> hits;
    csp::WaitGroup group;
    for (int worker = 0; worker < 4; ++worker) {
      group.go([&hits, worker] {
        // Until it is noticed: whether two writes meet is a matter of luck each time.
        for (int i = 0;; ++i) hits.insert({i % 10, worker});  // BUG: csp-concurrent-map or csp-data-race
      });
    }
    group.wait();
  });
}
