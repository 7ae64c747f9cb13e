// Two goroutines take the same two locks in opposite order. Here each is made to hold its first lock
// before it asks for the second, so that the worst case happens every time: both wait for ever.
// The fix: ab_ba_deadlock_fixed.cpp. The same mistake in a run that survives it: lock_order.cpp.

#include <csp/csp.h>

#include <cstdio>
#include <mutex>

int main() {
  return csp::run([] {
    csp::Mutex fork;
    csp::Mutex knife;
    csp::WaitGroup both_hold_one;
    both_hold_one.add(2);
    csp::WaitGroup diners;
    diners.go([&] {
      std::lock_guard left(fork);
      both_hold_one.done();
      both_hold_one.wait();
      std::lock_guard right(knife);  // BUG: csp-deadlock
      std::printf("the first has eaten\n");
    });
    diners.go([&] {
      std::lock_guard left(knife);
      both_hold_one.done();
      both_hold_one.wait();
      std::lock_guard right(fork);  // BUG: csp-deadlock
      std::printf("the second has eaten\n");
    });
    diners.wait();
  });
}
