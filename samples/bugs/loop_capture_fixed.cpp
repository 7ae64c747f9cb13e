// loop_capture.cpp with the loop variable captured by value: each goroutine has a copy of its own, made
// when it was started.

#include <csp/csp.h>

#include <cstdio>

int main() {
  return csp::run([] {
    csp::WaitGroup group;
    // Declared out here, the variable at least lives as long as the goroutines do.
    int i = 0;
    for (i = 1; i <= 3; ++i) {
      group.go([i] { std::printf("goroutine %d\n", i); });
    }
    group.wait();
  });
}
