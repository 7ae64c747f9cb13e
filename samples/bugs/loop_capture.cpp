// Every goroutine captures the loop variable itself, by reference, instead of the value it had in their
// turn. They read it while the loop goes on to change it, and print whatever they happen to find.
// The fix: loop_capture_fixed.cpp.

#include <csp/csp.h>

#include <cstdio>

int main() {
  return csp::run([] {
    csp::WaitGroup group;
    // Declared out here, the variable at least lives as long as the goroutines do.
    int i = 0;
    for (i = 1; i <= 3; ++i) {                              // BUG: csp-data-race
      group.go([&] { std::printf("goroutine %d\n", i); });  // BUG: csp-data-race
    }
    group.wait();
  });
}
