// racy_counter.cpp with a mutex: one goroutine at a time reads, adds and writes. Prefer it to an atomic
// as soon as more than one variable has to change together.

#include <csp/csp.h>

#include <cstdio>
#include <mutex>

int main() {
  return csp::run([] {
    int counter = 0;
    csp::Mutex mutex;
    csp::WaitGroup group;
    for (int i = 0; i < 1000; ++i) {
      group.go([&] {
        std::lock_guard lock(mutex);
        ++counter;
      });
    }
    group.wait();
    std::printf("counter: %d\n", counter);
  });
}
