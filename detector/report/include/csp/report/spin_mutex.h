#pragma once

#include <atomic>

namespace csp::report {

/// Guards a few instructions. Never held across anything that blocks. Not for signal handlers: see SignalSafeLock.
class SpinMutex {
 public:
  void lock() {
    // acquire: pairs with the release in unlock().
    if (__builtin_expect(locked_.exchange(true, std::memory_order_acquire), false)) lock_slow();
  }
  void unlock() { locked_.store(false, std::memory_order_release); }

 private:
  [[gnu::cold, gnu::noinline]] void lock_slow();
  std::atomic<bool> locked_{false};
};

class SpinGuard {
 public:
  explicit SpinGuard(SpinMutex& mutex) : mutex_(mutex) { mutex_.lock(); }
  ~SpinGuard() { mutex_.unlock(); }
  SpinGuard(const SpinGuard&) = delete;
  SpinGuard& operator=(const SpinGuard&) = delete;

 private:
  SpinMutex& mutex_;
};

/// Gives way while spinning: to the sibling on the core at first, to another OS thread later. `round` counts up from 0.
void relax(unsigned round);

}  // namespace csp::report
