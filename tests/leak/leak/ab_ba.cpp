// Two goroutines hold what the other wants. Main does not wait for them.
// finds: csp-deadlock [sync.Mutex.Lock]

#include <mutex>

#include "../blocked.h"

csp::Mutex a;
csp::Mutex b;

int main() {
  return csp::run([] {
    csp::WaitGroup both_hold_one;
    both_hold_one.add(2);
    const auto take = [&](csp::Mutex& first, csp::Mutex& second) {
      std::lock_guard one(first);
      both_hold_one.done();
      both_hold_one.wait();
      std::lock_guard two(second);
    };
    csp::go(take, std::ref(a), std::ref(b));
    csp::go(take, std::ref(b), std::ref(a));
    both_hold_one.wait();
    wait_until_blocked(2, "sync.Mutex.Lock");
  });
}
