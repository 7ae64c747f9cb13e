#pragma once

#include <concepts>
#include <exception>
#include <functional>
#include <system_error>
#include <type_traits>
#include <utility>

#include "csp/context.h"
#include "csp/go.h"

namespace csp {

namespace detail {

struct GroupState;  // See err_group.cpp.

GroupState* make_group();
void begin_task(GroupState& group);
bool try_begin_task(GroupState& group);
void end_task(GroupState& group);
void fail(GroupState& group, std::error_code error);
void fail(GroupState& group, std::exception_ptr exception);

/// What `f` returns or throws becomes the group's. However it ends, the task is over once `f` is destroyed.
template <class F>
void run_task(GroupState& group, F& f) {
  const struct End {
    GroupState& ended;
    ~End() { end_task(ended); }
  } end{group};
  F call(std::move(f));
  try {
    if constexpr (std::is_void_v<std::invoke_result_t<F&>>) {
      std::invoke(call);
    } else {
      static_assert(std::convertible_to<std::invoke_result_t<F&>, std::error_code>,
                    "a task of an ErrGroup returns nothing or a std::error_code");
      if (const std::error_code error = std::invoke(call)) fail(group, error);
    }
  } catch (const Goexit&) {
    throw;
  } catch (...) {
    fail(group, std::current_exception());
  }
}

}  // namespace detail

/// Goroutines that work on parts of one task, as Go's golang.org/x/sync/errgroup: the first that fails decides what
/// wait() gives, and cancels the context. Movable while no task runs in another goroutine's sight; the destructor
/// waits.
///
/// What a task did happens before wait() returns.
class ErrGroup {
 public:
  struct WithContext;
  /// A group, and a child of `parent` that is cancelled when the first task fails, with its error as the cause
  /// (kCanceled for an exception that carries none), or when wait() returns: `auto [g, ctx] =
  /// csp::ErrGroup::with_context(parent)`.
  [[nodiscard]] static WithContext with_context(const Context& parent);

  ErrGroup() : state_(detail::make_group()) {}
  ErrGroup(ErrGroup&& other) noexcept : state_(std::exchange(other.state_, nullptr)) {}
  ErrGroup& operator=(ErrGroup&&) = delete;
  ~ErrGroup();

  /// At most `limit` tasks run at once from now on; none when it is 0, any number when it is negative. Panics with
  /// `errgroup: modify limit while N goroutines in the group are still active`.
  void set_limit(int limit);

  /// Calls `f` in a new goroutine. Blocks while as many tasks run as the limit allows.
  template <class F>
  [[gnu::always_inline]] void go(F&& f) {
    detail::begin_task(state());
    start(std::forward<F>(f));
  }

  /// go(f) if the limit allows it now; whether it did.
  template <class F>
  [[gnu::always_inline]] bool try_go(F&& f) {
    if (!detail::try_begin_task(state())) return false;
    start(std::forward<F>(f));
    return true;
  }

  /// Blocks until all tasks are over. Returns the first error, or rethrows the first exception, whichever came first.
  [[nodiscard]] std::error_code wait();

 private:
  template <class F>
  [[gnu::always_inline]] void start(F&& f) {
    csp::go([group = state_, f = std::decay_t<F>(std::forward<F>(f))]() mutable { detail::run_task(*group, f); });
  }
  detail::GroupState& state() const;

  detail::GroupState* state_;  // Null when moved from.
};

struct ErrGroup::WithContext {
  ErrGroup group;
  Context ctx;
};

}  // namespace csp
