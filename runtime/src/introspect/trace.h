#pragma once
// Stacks as addresses, and as text that reads as Go's.

#include <cstddef>
#include <cstdint>

#include "base/fatal.h"
#include "base/symbolize.h"
#include "sched/goroutine.h"

namespace csp::rt {

/// Return addresses, innermost first.
struct Trace {
  static constexpr std::size_t kDepthMax = 64;
  const void* pcs[kDepthMax];
  std::size_t depth = 0;
};

/// The caller's own stack; not what the caller's caller would see as frames of capture().
[[gnu::noinline]] void capture(Trace& trace);

/// The stack of `goroutine`: the caller itself, or at rest and kept so. Empty when it has none, or runs elsewhere.
void capture(Goroutine& goroutine, Trace& trace);

/// Visits the frames that are the user's: those of the runtime, and what carries an exception, are left out at the
/// top, and what started the goroutine at the bottom.
void for_each_user_frame(const Trace& trace, void (*visit)(void* context, const Symbol& symbol), void* context);

/// Prints "goroutine 7 [chan receive]:", the stack, and where it was created.
void print_goroutine(DyingWords& words, Goroutine& goroutine, const char* state, const Trace& trace);

/// Prints the user's frames of `trace`.
void print_frames(DyingWords& words, const Trace& trace);

/// The word for the state: "running", "runnable", or why it waits.
const char* state_words(const Goroutine& goroutine);

/// Calls `visit` for every live goroutine in order of id. They must be kept from ending.
void for_each_goroutine(void (*visit)(void* context, Goroutine& goroutine), void* context);

}  // namespace csp::rt
