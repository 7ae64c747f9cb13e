// racy_counter.cpp with an atomic counter: each increment is one indivisible step, and none is lost.

#include <csp/csp.h>

#include <atomic>
#include <cstdio>

int main() {
  return csp::run([] {
    std::atomic<int> counter = 0;
    csp::WaitGroup group;
    for (int i = 0; i < 1000; ++i) {
      group.go([&] { ++counter; });
    }
    group.wait();
    std::printf("counter: %d\n", counter.load());
  });
}
