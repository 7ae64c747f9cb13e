#pragma once
// Memory for goroutine stacks.
//
// Stacks of the default size are slots of large reservations: address space only, pages come when they are
// touched. A slot's lowest pages are a guard. A slot that was used once stays mapped and warm, and the
// last one given back is the first to be given out. Other sizes get a mapping of their own.

#include <cstddef>

#include "base/spin_lock.h"
#include "machine/switch.h"

namespace csp::rt {

inline constexpr std::size_t kStackSize = 256 * 1024;
inline constexpr std::size_t kGuardSize = 4 * 4096;

/// A stack in use. `low` is above the guard.
struct Stack {
  StackBounds bounds;
  bool pooled = true;
  explicit operator bool() const { return bounds.low != nullptr; }
};

/// A stack of at least `size` usable bytes, or of the default size when `size` is not larger. Dies with a fatal
/// error when there is no memory. Thread-safe.
Stack take_stack(std::size_t size);

/// Gives it back; nobody may run on it any more. Thread-safe.
void give_stack(Stack stack);

/// Guards the pool. For fork() only.
SpinLock& stack_pool_lock();

/// Whether `address` is in the guard of `stack`.
bool in_guard(const Stack& stack, const void* address);

/// Visits the reservations that pooled stacks are in, used or not.
void for_each_stack_range(void (*visit)(void* context, const void* low, const void* high), void* context);

}  // namespace csp::rt
