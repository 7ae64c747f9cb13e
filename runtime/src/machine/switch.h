#pragma once
// Changing stacks: the only place that knows Boost.Context.
//
// What the C++ runtime keeps per thread but a goroutine needs per stack - errno and the exceptions
// being handled - is saved and restored here.

#include <cstddef>

namespace csp::rt {

/// A stack at rest: where it goes on. Good for one switch.
struct Context {
  void* position = nullptr;
  explicit operator bool() const { return position != nullptr; }
};

/// The memory of a stack, [low, low + size).
struct StackBounds {
  void* low = nullptr;
  std::size_t size = 0;
};

/// What arrives on the far side of a switch.
struct Arrival {
  Context from;   // The stack that was left, now at rest.
  void* message;  // What was passed to switch_to.
};

/// A context that calls enter_stack() on the stack `bounds` when first switched to.
Context make_context(StackBounds bounds);

/// Leaves the running stack for `to`, which lies within `bounds`, and returns when somebody switches back,
/// maybe on another OS thread.
Arrival switch_to(Context to, StackBounds bounds, void* message);

/// As switch_to, for a stack that never runs again.
[[noreturn]] void leave_for(Context to, StackBounds bounds, void* message);

/// Called on every new stack. Defined by the scheduler.
[[noreturn]] void enter_stack(Arrival arrival);

/// The bounds of the calling OS thread's own stack.
StackBounds thread_stack();

}  // namespace csp::rt
