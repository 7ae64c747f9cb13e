#pragma once
// Timers: when, and what to call then. The scheduler polls them; everything in <csp/time.h> and the
// deadlines of <csp/context.h> are built on them.

#include <cstddef>
#include <cstdint>

#include "base/spin_lock.h"

namespace csp::rt {

/// Nanoseconds of csp::Clock. 0 is the clock's epoch.
using Nanoseconds = std::int64_t;
inline constexpr Nanoseconds kNever = INT64_MAX;

/// Reads the clock: steady, or virtual under a seeded schedule.
Nanoseconds now_ns();

/// One timer, owned by its user, in the heap while armed.
///
/// `fire` runs on a scheduler thread with no runtime lock held; it must not park. It may call ready(), go() and arm
/// timers.
struct TimerEntry {
  Nanoseconds when = 0;
  void (*fire)(TimerEntry& timer) = nullptr;
  void* data = nullptr;
  std::size_t index = SIZE_MAX;  // Place in the heap; SIZE_MAX when not armed. Guarded by the heap's lock.
  std::uint64_t order = 0;       // Ties fire in order of arming.
};

/// Arms `timer` for `when`; it must not be armed. Wakes the scheduler when it is now the earliest. Thread-safe.
void arm(TimerEntry& timer, Nanoseconds when);

/// Takes it out. True if it was armed: it will not fire. False: it has fired, or its `fire` is running right now.
/// Thread-safe.
bool disarm(TimerEntry& timer);

/// As disarm, but when `fire` is running on another thread returns only after it has returned. Must not be called from
/// `fire`.
bool disarm_and_wait(TimerEntry& timer);

/// Fires what is due at `now`. Returns when the next one is due, kNever if none. Called by the scheduler.
Nanoseconds poll_timers(Nanoseconds now);

/// Guards the heap. For fork() only.
SpinLock& timer_lock();
/// In the child of fork(), where those who armed them are gone: takes all out.
void forget_timers();

/// When the earliest is due; kNever if none. Lock-free.
Nanoseconds next_timer();

}  // namespace csp::rt
