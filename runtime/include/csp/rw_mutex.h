#pragma once

#include <atomic>
#include <cstdint>

namespace csp {

class RwMutex;

/// The reading side of a RwMutex as a lock of its own (Go: RLocker), for Cond and std::lock_guard. Copyable.
class ReadLocker {
 public:
  explicit ReadLocker(RwMutex& mutex) : mutex_(&mutex) {}
  void lock();
  void unlock();
  RwMutex& mutex() const { return *mutex_; }

 private:
  RwMutex* mutex_;
};

/// A reader/writer lock, as Go's sync.RWMutex: many readers or one writer. It belongs to no goroutine.
///
/// A waiting writer keeps new readers out, so it is not starved; hence a goroutine must not lock_shared() again while
/// it holds a shared lock. When a writer unlocks, the readers that waited for it go before the next writer.
///
/// unlock() happens before the lock() and lock_shared() that follow it, unlock_shared() before the lock() that
/// follows. Readers do not order each other. A try that fails orders nothing.
class RwMutex {
 public:
  constexpr RwMutex() = default;
  RwMutex(const RwMutex&) = delete;
  RwMutex& operator=(const RwMutex&) = delete;
  ~RwMutex();

  /// Blocks until nobody holds the lock.
  void lock();
  [[nodiscard]] bool try_lock();
  /// Ends the process when not locked for writing: `fatal error: sync: Unlock of unlocked RWMutex`.
  void unlock();

  /// Blocks while a writer holds the lock or waits for it.
  void lock_shared();
  [[nodiscard]] bool try_lock_shared();
  /// Ends the process when not locked for reading: `fatal error: sync: RUnlock of unlocked RWMutex`.
  void unlock_shared();

  /// A lock whose lock() and unlock() are lock_shared() and unlock_shared(). The RwMutex must outlive it.
  ReadLocker r_locker() { return ReadLocker(*this); }

 private:
  std::atomic<std::uint32_t> state_{0};    // See rw_mutex.cpp.
  std::atomic<std::uint32_t> unlocks_{0};  // Only its address is used: what readers release to writers.
};

}  // namespace csp
