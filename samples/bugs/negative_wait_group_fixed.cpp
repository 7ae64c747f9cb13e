// negative_wait_group.cpp with `WaitGroup::go`, which adds one, runs the function, and calls `done`
// exactly once whichever way it is left.

#include <csp/csp.h>

#include <cstdio>

void work(bool fails) {
  if (fails) {
    std::printf("a worker failed\n");
    return;
  }
  std::printf("a worker succeeded\n");
}

int main() {
  return csp::run([] {
    csp::WaitGroup group;
    group.go([] { work(true); });
    group.wait();
  });
}
