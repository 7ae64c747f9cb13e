// A worker that fails says so twice: once in the branch for the failure, once at the end. The counter of
// the WaitGroup falls below zero, which is a panic.
// The fix: negative_wait_group_fixed.cpp.

#include <csp/csp.h>

#include <cstdio>

void work(csp::WaitGroup& group, bool fails) {
  if (fails) {
    std::printf("a worker failed\n");
    group.done();
  }
  group.done();  // BUG: csp-waitgroup-misuse
}

int main() {
  return csp::run([] {
    csp::WaitGroup group;
    group.add(1);
    csp::go([&] { work(group, true); });
    csp::select();  // Serves until it is stopped.
  });
}
