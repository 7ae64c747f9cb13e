#pragma once
// A goroutine's record, and the store of all records.
//
// Records live in memory that is never given back and never used for anything else, so a visitor may
// look at one that has just ended. A goroutine gets a stack only when it first runs.

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "csp/detail/select_op.h"
#include "csp/inspect.h"
#include "machine/stack.h"
#include "sched/park.h"

namespace csp::rt {

struct Machine;

enum class GoroutineState : std::uint8_t {
  kFree,      // In the store's free list. Nothing but the record's address is valid.
  kMade,      // Being put together by its creator, or being taken apart. Not to be looked at.
  kRunnable,  // In exactly one run queue, or on its way. Nobody owns the stack.
  kRunning,   // On a Machine, which owns the stack.
  kParked,    // In no run queue; whoever finds its Waiter will call ready() once. The context is at rest.
  kBlocking,  // In blocking(): on an OS thread that has given its processor away.
};

struct Goroutine : Strand {
  static constexpr std::size_t kInlineClosure = 64;

  std::atomic<GoroutineState> state{GoroutineState::kFree};
  bool is_main = false;
  Context context;  // Valid when parked, or runnable and started.
  Stack stack;      // None until it first runs.
  std::size_t stack_size = 0;
  Goroutine* next = nullptr;  // In a GoroutineList or the free list.

  // What it runs. `closure` is `inline_closure` or memory of operator new; main's belongs to the caller of run.
  void (*invoke)(void* closure) = nullptr;
  void (*destroy)(void* closure) = nullptr;  // Null for main.
  void* closure = nullptr;
  std::size_t closure_size = 0;
  std::size_t closure_alignment = 0;

  // Where it comes from.
  const void* created_pc = nullptr;
  std::uint64_t parent = 0;
  char* name = nullptr;      // From operator new; null when unnamed.
  Strand* waiter = nullptr;  // Main: the thread in run().

  // Why it is parked. Written by itself before it parks.
  hooks::WaitReason reason = hooks::WaitReason::kNone;
  const void* waiting_on = nullptr;
  const detail::SelectOp* cases = nullptr;  // Instead of waiting_on, in a select.
  std::size_t case_count = 0;
  const void* park_pc = nullptr;
  std::int64_t parked_at = 0;

  alignas(std::max_align_t) unsigned char inline_closure[kInlineClosure];
};

inline Goroutine& as_goroutine(Strand& strand) { return static_cast<Goroutine&>(strand); }

/// A record in state kMade with nothing in it. Thread-safe.
Goroutine* allocate_goroutine();

/// Takes the record back. The stack must have been given back. Thread-safe.
void free_goroutine(Goroutine* goroutine);

/// Visits all records, in no order; those that are kFree or kMade included.
void for_each_record(void (*visit)(void* context, Goroutine& goroutine), void* context);

/// Visits the memory that records are in.
void for_each_record_range(void (*visit)(void* context, const void* low, const void* high), void* context);

/// Guards the store. For fork() only.
SpinLock& goroutine_store_lock();
/// In the child of fork(): the others are gone. `survivor` may be null.
void forget_goroutines_but(Goroutine* survivor);

/// Live goroutines.
std::size_t goroutine_count();

/// Ids of goroutines, from 2. 1 is main.
std::uint64_t next_goroutine_id();

}  // namespace csp::rt
