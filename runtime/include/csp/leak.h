#pragma once
// Goroutines that are still there, and those that nothing can ever wake.
//
// find() asks who has not ended, prove() who never will: the first suits the end of a test, where
// everybody should have, the second any moment, since it accuses nobody who could still go on.

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "csp/goroutine_info.h"

namespace csp::leak {

/// What find() leaves out, or how long it waits. Made by the functions below; copyable.
class Option {
 public:
  enum class Kind : std::uint8_t { kTopFunction, kAnyFunction, kCreatedBy, kCurrent, kMaxWait };

  Kind kind;
  std::string function;
  std::vector<std::uint64_t> ids;  // Sorted.
  std::chrono::nanoseconds wait{};
};

/// Leaves out goroutines whose top frame, the first outside the runtime, is in `function`: a qualified name
/// without parameters, or its last component.
Option ignore_top_function(std::string_view function);
/// Likewise for any frame.
Option ignore_any_function(std::string_view function);
/// Leaves out goroutines that `function` started.
Option ignore_created_by(std::string_view function);
/// Leaves out the goroutines that exist now, when the option is made.
Option ignore_current();

namespace detail {
Option max_wait_ns(std::chrono::nanoseconds limit);
std::vector<GoroutineInfo> find(std::vector<Option> options);
}  // namespace detail

/// How long find() waits for goroutines to end, instead of 440 ms.
template <class Rep, class Period>
Option max_wait(std::chrono::duration<Rep, Period> limit) {
  return detail::max_wait_ns(std::chrono::duration_cast<std::chrono::nanoseconds>(limit));
}

/// The goroutines that are still there, but for the caller, main, and what `options` leave out. Waits for them
/// to end, up to the limit, and returns as soon as none is left. Thread-safe.
template <class... Options>
std::vector<GoroutineInfo> find(Options... options) {
  std::vector<Option> list;
  (list.push_back(std::move(options)), ...);
  return detail::find(std::move(list));
}

/// The goroutines that are blocked and that nothing can ever wake: what they wait on can be reached from nowhere
/// that may still run. Never wrong about one; leaves unproven what a global, a live stack or a leftover on one refers
/// to. Stops the whole process for some milliseconds. Thread-safe.
std::vector<GoroutineInfo> prove();

/// `leaks` for a person, equal stacks once; "" for none.
std::string describe(const std::vector<GoroutineInfo>& leaks);

}  // namespace csp::leak
