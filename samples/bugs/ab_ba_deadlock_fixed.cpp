// ab_ba_deadlock.cpp with one order for everybody: fork before knife. Whoever has the fork gets the knife
// too, so somebody always gets on. (The meeting in the middle had to go: two diners can no longer hold
// one thing each.)

#include <csp/csp.h>

#include <cstdio>
#include <mutex>

int main() {
  return csp::run([] {
    csp::Mutex fork;
    csp::Mutex knife;
    csp::WaitGroup diners;
    diners.go([&] {
      std::lock_guard left(fork);
      std::lock_guard right(knife);
      std::printf("the first has eaten\n");
    });
    diners.go([&] {
      std::lock_guard left(fork);
      std::lock_guard right(knife);
      std::printf("the second has eaten\n");
    });
    diners.wait();
  });
}
