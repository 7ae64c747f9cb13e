// A thousand goroutines increment one counter. `++` is a read, an addition and a write, and two
// goroutines that read the same value lose one increment: a data race, in C++ undefined behaviour.
// The fixes: racy_counter_fixed_atomic.cpp, racy_counter_fixed_mutex.cpp.

#include <csp/csp.h>

#include <cstdio>

int main() {
  return csp::run([] {
    int counter = 0;
    csp::WaitGroup group;
    for (int i = 0; i < 1000; ++i) {
      group.go([&] { ++counter; });  // BUG: csp-data-race
    }
    group.wait();
    std::printf("counter: %d\n", counter);
  });
}
