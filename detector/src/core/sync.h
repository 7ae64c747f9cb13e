#pragma once
// Happens-before edges between an agent and a SyncVar. The caller holds the SyncVar's mutex, and moves
// the agent to its next epoch after a release.

#include "core/meta_table.h"
#include "core/thread_state.h"

namespace csp::race {

/// What was released to `var` happens before what the agent does next.
inline void acquire_from(ThreadState& thread, const SyncVar& var) {
  // A clock that one epoch alone released is covered when the epoch is, or when it was our own.
  if (var.sole.tid != Tid::kNone && (var.sole.tid == thread.now.tid || thread.clock.covers(var.sole))) return;
  thread.clock.join(var.clock);
}

/// Replaces what was released to `var`.
inline void release_to(const ThreadState& thread, SyncVar& var) {
  var.clock.assign_release(thread.clock, thread.now);
  var.sole = thread.now;
}

/// Adds to it.
inline void merge_into(const ThreadState& thread, SyncVar& var) {
  if (var.clock.empty() || (var.sole.tid != Tid::kNone && (var.sole.tid == thread.now.tid || thread.clock.covers(var.sole)))) {
    return release_to(thread, var);
  }
  var.clock.join(thread.clock);
  var.clock.raise(thread.now);
  var.sole = {};
}

}  // namespace csp::race
