#pragma once

#include <atomic>

namespace csp::rt {

/// Held for a few instructions, never across a park. Yields the OS thread when the holder seems descheduled.
class SpinLock {
 public:
  void lock() {
    // acquire: pairs with the release in unlock().
    if (!locked_.exchange(true, std::memory_order_acquire)) return;
    lock_slow();
  }
  bool try_lock() { return !locked_.exchange(true, std::memory_order_acquire); }
  void unlock() { locked_.store(false, std::memory_order_release); }

 private:
  void lock_slow();
  std::atomic<bool> locked_{false};
};

}  // namespace csp::rt
