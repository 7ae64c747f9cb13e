#pragma once
// Words to the race detector. Each is a no-op (one predicted branch) in a program without it.

#include <cstddef>
#include <utility>

#include "csp/hooks.h"

// The detector's own, present when it is linked.
extern "C" [[gnu::weak]] void __tsan_ignore_thread_begin();
extern "C" [[gnu::weak]] void __tsan_ignore_thread_end();

namespace csp::race {

/// All that was released to `address` happens before what the caller does next. Thread-safe, never blocks.
inline void acquire(const void* address) { hooks::announce(&hooks::Observer::acquire, address); }

/// What the caller did so far happens before what acquirers of `address` do, beside what was released to it before. Thread-safe, never blocks.
inline void release(const void* address) { hooks::announce(&hooks::Observer::release_merge, address); }

/// Checks a read (a write) of `size` bytes by code that the compiler did not instrument, as if the caller had made it.
[[gnu::noinline]] inline void read(const void* address, std::size_t size) {
  hooks::announce(&hooks::Observer::read, address, size, static_cast<const void*>(__builtin_return_address(0)));
}
[[gnu::noinline]] inline void write(const void* address, std::size_t size) {
  hooks::announce(&hooks::Observer::write, address, size, static_cast<const void*>(__builtin_return_address(0)));
}

/// While it lives, the calling goroutine's accesses are neither checked nor remembered. Its synchronisation is. Nests.
class IgnoreScope {
 public:
  IgnoreScope() {
    if (__tsan_ignore_thread_begin != nullptr) __tsan_ignore_thread_begin();
  }
  ~IgnoreScope() {
    if (__tsan_ignore_thread_end != nullptr) __tsan_ignore_thread_end();
  }
  IgnoreScope(const IgnoreScope&) = delete;
  IgnoreScope& operator=(const IgnoreScope&) = delete;
};

}  // namespace csp::race

namespace csp {

/// A value whose uses are checked even where the compiler did not instrument them. It synchronises
/// nothing: two unordered uses, one of them a store, are a race, and reported.
template <class T>
class Shared {
 public:
  Shared() = default;
  Shared(T value) : value_(std::move(value)) {}  // NOLINT: a Shared<T> is to be used as a T is.

  /// The value. `load` is a read of all of it.
  [[gnu::noinline]] T load() const {
    hooks::announce(&hooks::Observer::read, static_cast<const void*>(&value_), sizeof(T), static_cast<const void*>(__builtin_return_address(0)));
    return value_;
  }
  [[gnu::noinline]] void store(T value) {
    hooks::announce(&hooks::Observer::write, static_cast<const void*>(&value_), sizeof(T), static_cast<const void*>(__builtin_return_address(0)));
    value_ = std::move(value);
  }

  operator T() const { return load(); }
  Shared& operator=(T value) {
    store(std::move(value));
    return *this;
  }

 private:
  T value_{};
};

}  // namespace csp
