#pragma once
// The function that an interceptor stands in front of, and how an interceptor is written:
//
//   CSP_INTERCEPT(int, pthread_spin_lock, pthread_spinlock_t* lock) {
//     const int error = real_pthread_spin_lock(lock);
//     ...
//   }

#include <atomic>

#include "base/base.h"
#include "core/detector.h"

namespace csp::race {

/// Finds `name` behind the executable; in `version` if there is one. Null when no library has it. errno stays.
void* find_real(const char* name, const char* version);
/// Ends the process: somebody called a function that only we have.
[[noreturn]] void die_without_real(const char* name);

template <class Signature>
class RealFunction;

/// Looked up on the first call, so that it works before initialize() and in any order of constructors.
template <class Result, class... Parameters>
class RealFunction<Result(Parameters...)> {
 public:
  using Pointer = Result (*)(Parameters...);

  constexpr explicit RealFunction(const char* name, const char* version = nullptr) : name_(name), version_(version) {}

  Result operator()(Parameters... arguments) { return get()(arguments...); }

  Pointer get() {
    // relaxed: the function was there before us; two threads that look it up find the same.
    const Pointer pointer = pointer_.load(std::memory_order_relaxed);
    return CSP_LIKELY(pointer != nullptr) ? pointer : look_up();
  }
  /// Without looking it up: null before the first call.
  Pointer known() const { return pointer_.load(std::memory_order_relaxed); }

 private:
  CSP_COLD Pointer look_up() {
    const auto found = reinterpret_cast<Pointer>(find_real(name_, version_));
    if (found == nullptr) die_without_real(name_);
    pointer_.store(found, std::memory_order_relaxed);
    return found;
  }

  const char* const name_;
  const char* const version_;
  std::atomic<Pointer> pointer_{nullptr};
};

}  // namespace csp::race

// Defines the global symbol `name`. Its C++ name is another one: libc's headers declare `name` with exception
// specifications and attributes that differ between compilers and versions.
#define CSP_DEFINE(result, name, ...)                                                              \
  [[gnu::visibility("default"), gnu::used]] result intercepted_##name(__VA_ARGS__) __asm__(#name); \
  result intercepted_##name(__VA_ARGS__)

#define CSP_INTERCEPT(result, name, ...)                                 \
  static constinit RealFunction<result(__VA_ARGS__)> real_##name{#name}; \
  CSP_DEFINE(result, name, __VA_ARGS__)

// Where the default version is not the one that RTLD_NEXT finds first.
#define CSP_INTERCEPT_VERSION(version, result, name, ...)                         \
  static constinit RealFunction<result(__VA_ARGS__)> real_##name{#name, version}; \
  CSP_DEFINE(result, name, __VA_ARGS__)

// The user's line: the return address of the interceptor it stands in.
#define CSP_CALLER_PC reinterpret_cast<::csp::race::Address>(__builtin_return_address(0))

namespace csp::race {

template <class T>
Address address_of(T* pointer) {
  return reinterpret_cast<Address>(pointer);
}

}  // namespace csp::race
