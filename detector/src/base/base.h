#pragma once
// What the detector uses instead of the C and C++ libraries: it runs below code that may override or
// instrument both. Nothing here calls an intercepted function.

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "csp/report/spin_mutex.h"

#define CSP_COLD [[gnu::cold, gnu::noinline]]
#define CSP_HOT [[gnu::always_inline]] inline
#define CSP_LIKELY(x) __builtin_expect(!!(x), 1)
#define CSP_UNLIKELY(x) __builtin_expect(!!(x), 0)

namespace csp::race {

using Address = std::uintptr_t;

void copy_bytes(void* to, const void* from, std::size_t size);  // Ranges may overlap.
void zero_bytes(void* to, std::size_t size);
std::size_t string_length(const char* text);

/// Writes `text` to stderr and ends the process. For what must not go on: no memory for the detector itself.
[[noreturn]] CSP_COLD void die(const char* text);

/// Zeroed memory from the kernel, reserved without commitment. Dies when there is none.
void* map_memory(std::size_t size);
void unmap_memory(void* memory, std::size_t size);
/// Visits what map_memory gave out and is still there. Takes no lock: the other threads are stopped.
void for_each_mapping(void (*visit)(void* context, const void* low, const void* high), void* context);

using report::relax;
using report::SpinGuard;
using report::SpinMutex;

/// Memory for the detector's own records, by size class, recycled, never returned to the kernel. Thread-safe.
inline constexpr std::size_t kAllocateMax = std::size_t{1} << 20;
void* allocate(std::size_t size);  // Zeroed. Above kAllocateMax straight from the kernel.
void deallocate(void* memory, std::size_t size);

/// Tells our placement new from <new>'s, which we do not include.
struct Place {};

}  // namespace csp::race

inline void* operator new(std::size_t, void* where, csp::race::Place) noexcept { return where; }

namespace csp::race {

template <class T, class... Args>
T* make(Args&&... args) {
  return new (allocate(sizeof(T)), Place{}) T{static_cast<Args&&>(args)...};
}

template <class T>
void unmake(T* object) {
  object->~T();
  deallocate(object, sizeof(T));
}

}  // namespace csp::race
