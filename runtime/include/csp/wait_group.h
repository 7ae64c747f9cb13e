#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <type_traits>
#include <utility>

#include "csp/go.h"

namespace csp {

/// Waits for a number of goroutines to finish, as Go's sync.WaitGroup.
///
/// What happens before a done() happens before the wait() that it lets go on. May be destroyed as soon as wait() has
/// returned, or when it was never waited for and its counter is 0.
class WaitGroup {
 public:
  constexpr WaitGroup() = default;
  WaitGroup(const WaitGroup&) = delete;
  WaitGroup& operator=(const WaitGroup&) = delete;

  /// Changes the counter by `delta`, which may be negative. Panics with `sync: negative WaitGroup counter` when it
  /// falls below 0, and with `sync: WaitGroup misuse: Add called concurrently with Wait` when it can see that.
  /// An add() that raises the counter from 0 must happen before wait().
  void add(int delta);
  /// add(-1).
  void done();
  /// Blocks until the counter is 0.
  void wait();

  /// Calls `f` in a new goroutine, counted from here until it has ended, be it by goexit(). `f` itself is destroyed
  /// before the counter falls.
  template <class F>
  [[gnu::always_inline]] void go(F&& f) {
    add(1);
    csp::go([this, f = std::decay_t<F>(std::forward<F>(f))]() mutable {
      const Done done{this};
      std::decay_t<F> call(std::move(f));
      std::invoke(std::move(call));
    });
  }

 private:
  struct Done {
    WaitGroup* group;
    ~Done() { group->done(); }
  };
  void change(int delta, const void* pc);

  std::atomic<std::uint64_t> state_{0};  // Counter in the upper half, signed; waiters in the lower.
};

}  // namespace csp
