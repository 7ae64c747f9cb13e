#pragma once
// Goroutines: starting, ending, yielding.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

#include "csp/panic.h"

namespace csp {

struct GoOptions {
  std::string_view name = {};           // Shown in dumps and reports. Copied.
  std::size_t stack_size = 256 * 1024;  // In bytes; less than the default gives the default.
};

namespace detail {

/// Thrown by goexit(). Derives from nothing, so that only catch (...) sees it.
struct Goexit {};

/// A goroutine being made: where its closure is to be constructed. Opaque to all but the runtime.
struct NewGoroutine {
  void* record;
  void* closure;
};

/// Makes room for a closure. Either start_goroutine or abandon_goroutine follows.
NewGoroutine make_goroutine(const GoOptions& options, std::size_t closure_size, std::size_t closure_alignment);
void abandon_goroutine(NewGoroutine made);

/// `invoke` runs the closure and destroys it. Not inlined into go(): its return address is the user's line.
[[gnu::noinline]] void start_goroutine(NewGoroutine made, void (*invoke)(void* closure));

[[gnu::noinline]] int run_main(int (*invoke)(void* closure), void* closure);

[[gnu::noinline]] void begin_blocking();
void end_blocking();

template <class F, class... Args>
struct Closure {
  F function;
  std::tuple<Args...> arguments;

  static void invoke(void* closure) {
    // Destroyed however the call ends, on the goroutine's own stack.
    struct Owner {
      Closure* it;
      ~Owner() { it->~Closure(); }
    } owner{static_cast<Closure*>(closure)};
    if constexpr (sizeof...(Args) == 0 && !std::is_member_pointer_v<F>) {
      std::move(owner.it->function)();
    } else {
      std::apply(std::move(owner.it->function), std::move(owner.it->arguments));
    }
  }
};

}  // namespace detail

/// Starts a goroutine that calls f(args...) on copies made here, as std::thread does. Never blocks.
/// All that happens before go() happens before the call.
//
// (Plain templates, here and below: the names of constrained ones cannot be demangled by GCC 12's libstdc++, and these
// stand in stack traces.)
template <class F, class... Args>
[[gnu::always_inline]] inline void go(GoOptions options, F&& f, Args&&... args) {
  static_assert(std::is_invocable_v<std::decay_t<F>, std::decay_t<Args>...>,
                "go(f, args...): f(args...) must be callable");
  using Closure = detail::Closure<std::decay_t<F>, std::decay_t<Args>...>;
  const detail::NewGoroutine made = detail::make_goroutine(options, sizeof(Closure), alignof(Closure));
  if constexpr (std::is_nothrow_constructible_v<std::decay_t<F>, F> &&
                (std::is_nothrow_constructible_v<std::decay_t<Args>, Args> && ...)) {
    ::new (made.closure) Closure{std::forward<F>(f), {std::forward<Args>(args)...}};
  } else {
    try {
      ::new (made.closure) Closure{std::forward<F>(f), {std::forward<Args>(args)...}};
    } catch (...) {
      detail::abandon_goroutine(made);
      throw;
    }
  }
  detail::start_goroutine(made, &Closure::invoke);
}

template <class F, class... Args>
[[gnu::always_inline]] inline void go(F&& f, Args&&... args) {
  csp::go(GoOptions{}, std::forward<F>(f), std::forward<Args>(args)...);
}

/// Runs f as the main goroutine, whose id is 1, and returns its int, or 0 when it returns nothing. Blocks the calling
/// thread until f returns; other goroutines are not waited for. Panics when the caller is a goroutine.
template <class F>
int run(F&& f) {
  using Function = std::remove_reference_t<F>;
  struct Main {
    Function& function;

    static int invoke(void* closure) {
      Function& function = static_cast<Main*>(closure)->function;
      if constexpr (std::is_convertible_v<std::invoke_result_t<F&>, int>) {
        return static_cast<int>(std::invoke(function));
      } else {
        std::invoke(function);
        return 0;
      }
    }
  } main{f};
  return detail::run_main(&Main::invoke, &main);
}

/// Lets other goroutines run. On a thread that is no goroutine, other threads.
void yield();

/// Ends the calling goroutine after running the destructors of what lives on its stack. In main the others go on, and
/// run() does not return. Panics on a thread that is no goroutine.
[[noreturn]] void goexit();

/// Calls f, which may block the OS thread (a read, a join), without holding up other goroutines. Returns what f
/// returns.
template <class F>
[[gnu::always_inline]] inline decltype(auto) blocking(F&& f) {
  struct Region {
    Region() = default;
    Region(const Region&) = delete;
    Region& operator=(const Region&) = delete;
    ~Region() { detail::end_blocking(); }
  };
  detail::begin_blocking();
  Region region;
  return std::invoke(std::forward<F>(f));
}

/// Calls a function when it goes out of scope.
template <class F>
class [[nodiscard]] Deferred {
 public:
  explicit Deferred(F function) : function_(std::move(function)) {}
  Deferred(const Deferred&) = delete;
  Deferred& operator=(const Deferred&) = delete;
  // A deferred call may panic or goexit, as in Go.
  ~Deferred() noexcept(false) { function_(); }

 private:
  F function_;
};

/// `auto d = csp::defer(f)` calls f() when the scope is left, the last one first.
template <class F>
[[nodiscard]] Deferred<std::decay_t<F>> defer(F&& f) {
  return Deferred<std::decay_t<F>>(std::forward<F>(f));
}

/// Goroutines that live now. Orders nothing.
std::size_t num_goroutines();

/// How many goroutines may run at once: $CSP_PROCS, else the CPUs that this process may use.
int procs();

/// Changes procs(); n > 0, or else nothing is changed. Returns the former value.
int set_procs(int n);

/// The caller's id, unique in the process but for main, which is always 1. 0 on a thread that is no goroutine.
std::uint64_t goroutine_id();

}  // namespace csp
