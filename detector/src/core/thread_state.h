#pragma once

#include "core/identity.h"
#include "core/shadow_word.h"
#include "core/vector_clock.h"

namespace csp::race {

/// A frame of the shadow call stack: where it returns to, and the interned context up to there once
/// somebody asked for it.
struct Frame {
  Address pc;
  ContextId context;
};

/// A lock that the agent holds.
struct HeldLock {
  Address address;
  bool shared;
};

/// What the detector knows of one goroutine or thread. Only the OS thread that runs the agent touches it,
/// or one that is synchronised with it while it is parked.
struct ThreadState {
  // Hot: looked at by every access.
  std::uint64_t epoch_bits = 0;  // ShadowWord of the current epoch, without kind and bytes.
  Frame* top = nullptr;          // One past the innermost frame.
  Frame* limit = nullptr;
  Frame* bottom = nullptr;

  Epoch now;               // Own line and clock; `clock` says nothing of it.
  Clock last_access = 0;   // Own clock of the last access that was remembered.
  VectorClock clock;       // What happened before now.
  VectorClock* fence_release = nullptr;  // What a release fence lets later relaxed stores publish.
  VectorClock* fence_acquire = nullptr;  // What relaxed loads have read, for an acquire fence to take in.
  Tid creator = Tid::kNone;
  AgentRecord* agent = nullptr;

  // Locks held, in order of acquisition.
  HeldLock* locks = nullptr;
  std::uint32_t lock_count = 0;
  std::uint32_t lock_capacity = 0;

  std::uint32_t ignore_reads_and_writes = 0;  // Nested IgnoreScopes.
  std::uint32_t ignore_sync = 0;
  VectorClock* final_clock = nullptr;  // Of a finished thread, for its joiner.
};

/// The agent that this OS thread runs; null before it is attached.
extern __thread ThreadState* current_agent;

/// Starts a new agent on its line. `creator` may be null.
ThreadState* make_agent(report::AgentId id, const char* name, ThreadState* creator, ContextId creation);
/// Ends it and recycles its state; what reports need stays.
void end_agent(ThreadState* thread);

/// Moves the agent to its next epoch, after a release.
void next_epoch(ThreadState& thread);

/// The interned context of the shadow stack, and of `pc` on top of it.
ContextId context_of(ThreadState& thread);
ContextId context_of(ThreadState& thread, Address pc);

CSP_COLD void grow_stack(ThreadState& thread);

CSP_HOT void push_frame(ThreadState& thread, Address pc) {
  if (CSP_UNLIKELY(thread.top == thread.limit)) grow_stack(thread);
  *thread.top++ = Frame{pc, ContextId::kEmpty};
}
CSP_HOT void pop_frame(ThreadState& thread) {
  // An unbalanced exit (a frame entered before we were told of the agent) must not underflow.
  if (CSP_LIKELY(thread.top != thread.bottom)) --thread.top;
}

void add_lock(ThreadState& thread, HeldLock lock);
void remove_lock(ThreadState& thread, Address address);

}  // namespace csp::race
