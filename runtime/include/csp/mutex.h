#pragma once

#include <atomic>
#include <cstdint>

namespace csp {

/// A mutual exclusion lock, as Go's sync.Mutex: it belongs to no goroutine, so another one may unlock it.
///
/// A waiter that has waited for more than a millisecond is served before any newcomer. The n-th unlock() happens
/// before the m-th lock() returns, for n < m; a try_lock() that fails orders nothing.
class Mutex {
 public:
  constexpr Mutex() = default;
  Mutex(const Mutex&) = delete;
  Mutex& operator=(const Mutex&) = delete;
  ~Mutex();

  /// Blocks until the lock is free.
  void lock();
  [[nodiscard]] bool try_lock();
  /// Ends the process when the mutex is not locked: `fatal error: sync: unlock of unlocked mutex`.
  void unlock();

 private:
  std::atomic<std::uint32_t> word_{0};  // See word_lock.h.
};

}  // namespace csp
