#pragma once

#include "csp/rw_mutex.h"

namespace csp {

/// A condition variable, as Go's sync.Cond. signal() wakes waiters in the order in which they came, and a wait()
/// returns only when one woke it; still, check the condition in a loop, for another goroutine may run in between.
///
/// signal() and broadcast() happen before the wait() that they wake. They may be called with or without the lock.
class Cond {
 public:
  /// `lock` is any of the mutexes, or whatever else has lock() and unlock(). It must outlive the Cond.
  template <class Lock>
  explicit Cond(Lock& lock)
      : lock_(&lock),
        take_([](void* taken) { static_cast<Lock*>(taken)->lock(); }),
        give_([](void* given) { static_cast<Lock*>(given)->unlock(); }) {}
  /// Over a RwMutex held for reading: `Cond cond(rw.r_locker())`. The RwMutex must outlive the Cond.
  explicit Cond(ReadLocker reader)
      : lock_(&reader.mutex()),
        take_([](void* taken) { static_cast<RwMutex*>(taken)->lock_shared(); }),
        give_([](void* given) { static_cast<RwMutex*>(given)->unlock_shared(); }) {}
  Cond(const Cond&) = delete;
  Cond& operator=(const Cond&) = delete;

  /// Unlocks the lock, which must be held, blocks until woken, and locks it again.
  void wait();
  /// wait() until `condition()` holds.
  template <class Condition>
  void wait(Condition condition) {
    while (!condition()) wait();
  }
  /// Wakes the one that has waited longest, if any.
  void signal();
  /// Wakes all that wait.
  void broadcast();

 private:
  void* lock_;
  void (*take_)(void*);
  void (*give_)(void*);
};

}  // namespace csp
