#pragma once
// The other direction: what a listener may ask the runtime, and what the runtime may ask a listener.
// Both sides meet in plain data, so that neither includes the other.

#include <cstddef>
#include <cstdint>

#include "csp/hooks.h"

namespace csp::hooks {

enum class GoroutineState : std::uint8_t { kRunnable, kRunning, kParked };

/// One live goroutine at the moment of the visit. All pointers are valid during the visit only.
struct GoroutineView {
  Agent* agent;
  const char* name;                // Never null; "" when unnamed.
  GoroutineState state;
  WaitReason reason;               // kNone unless parked.
  const void* const* waiting_on;   // The objects it waits on: one, or a select's channels.
  std::size_t waiting_on_count;
  std::int64_t waiting_ns;         // How long it has been parked; 0 unless parked.
  bool timer_wakes;                // A timer or the kernel will wake it.
  const void* const* stack;        // Return addresses, innermost first; empty unless parked or the caller.
  std::size_t stack_depth;
  const void* created_pc;          // Return address of the go() call; null for main.
  std::uint64_t parent;            // Id of the creating goroutine; 0 when a thread made it.
  const void* stack_pointer;       // Where its saved stack begins; null when it has none yet or is running.
  const void* stack_low;           // Its stack's memory, [stack_low, stack_high); null when none yet.
  const void* stack_high;
  const void* closure;             // The function object it was started with, and its size.
  std::size_t closure_size;
};

/// Offered by the runtime.
struct Inspector {
  /// Keeps goroutines from being resumed. True once none but the caller is running; false when some
  /// still were after `timeout_ns` (those that are parked stay so all the same). Blocks up to the timeout.
  bool (*freeze)(std::int64_t timeout_ns);
  void (*thaw)();

  /// Visits every live goroutine in order of id. Call between freeze and thaw. Unwinds the stacks of parked ones
  /// by resuming them for that alone, so it must not be called from an announcement.
  void (*for_each_goroutine)(void (*visit)(void* context, const GoroutineView& view), void* context);

  /// Memory that is the runtime's own and holds no reference of the user's (goroutine records, run
  /// queues, stacks not in use): a conservative scan leaves it out.
  void (*for_each_private_range)(void (*visit)(void* context, const void* low, const void* high), void* context);
  /// Bytes from a channel's address that hold its queues of waiters, and nothing of the user's: private as well.
  std::size_t channel_head_size;

  /// Whether OS thread `id` (as the kernel counts) is one that blocks all signals and never has a reference of the user's.
  bool (*is_service_thread)(std::int32_t id);
};

/// Offered by the leak tracker.
struct Prover {
  /// Fills `ids` with the goroutines that nothing can ever wake; returns how many there are.
  std::size_t (*prove)(std::uint64_t* ids, std::size_t capacity);
};

/// Set once each, by the library that offers it; null when it is not linked. Thread-safe.
void offer(const Inspector* inspector);
void offer(const Prover* prover);
const Inspector* inspector();
const Prover* prover();

}  // namespace csp::hooks
