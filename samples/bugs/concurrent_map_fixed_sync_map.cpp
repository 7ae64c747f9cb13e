// concurrent_map.cpp with a SyncMap, which any number of goroutines may use as it is. A read followed by
// a write is still two steps: counting needs a loop around compare_and_swap.

#include <csp/csp.h>

#include <cstdio>

void increment(csp::SyncMap<int, int>& counts, int key) {
  auto [count, loaded] = counts.load_or_store(key, 1);
  if (!loaded) return;
  while (!counts.compare_and_swap(key, count, count + 1)) count = counts.load(key).value();
}

int main() {
  return csp::run([] {
    csp::SyncMap<int, int> hits;
    csp::WaitGroup group;
    for (int worker = 0; worker < 4; ++worker) {
      group.go([&hits] {
        for (int i = 0; i < 1000; ++i) increment(hits, i % 10);
      });
    }
    group.wait();
    std::printf("hits of page 7: %d\n", hits.load(7).value_or(0));
  });
}
