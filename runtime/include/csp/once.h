#pragma once

#include <atomic>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include "csp/go.h"

namespace csp {

/// Runs a function once, as Go's sync.Once. The return of that function happens before every call() returns.
class Once {
 public:
  constexpr Once() = default;
  Once(const Once&) = delete;
  Once& operator=(const Once&) = delete;

  /// Calls `f` if no call was made before; blocks while another caller's function runs. One that leaves by an exception
  /// or goexit() counts as run, and only its own caller sees the exception. Calling it from inside `f` never returns.
  template <class F>
  void call(F&& f) {
    if (!begin()) return;
    const Finish finish{this};
    std::invoke(std::forward<F>(f));
  }

 private:
  struct Finish {
    Once* once;
    ~Finish() { once->finish(); }
  };
  bool begin();  // True: the caller runs the function, then calls finish(). False: it has been run.
  void finish();

  std::atomic<std::uint32_t> state_{0};  // See once.cpp.
};

namespace detail {

template <class F>
class OnceValue {
  using Result = std::invoke_result_t<F&>;
  static_assert(!std::is_reference_v<Result>, "once_value keeps the value: let f return one");
  static constexpr bool kNothing = std::is_void_v<Result>;

 public:
  explicit OnceValue(F f) : shared_(std::make_shared<Shared>(std::move(f))) {}

  std::conditional_t<kNothing, void, std::add_lvalue_reference_t<const Result>> operator()() const {
    Shared& shared = *shared_;
    shared.once.call([&shared] { shared.run(); });
    if (shared.error != nullptr) std::rethrow_exception(shared.error);
    if (!shared.value.has_value()) csp::panic("csp::once_value: the function ended by goexit");
    if constexpr (!kNothing) return *shared.value;
  }

 private:
  struct Shared {
    explicit Shared(F call) : f(std::move(call)) {}
    void run() {
      std::optional<F> call(std::move(f));
      f.reset();  // What f holds is not needed any more.
      try {
        if constexpr (kNothing) {
          std::invoke(*call);
          value.emplace(true);
        } else {
          value.emplace(std::invoke(*call));
        }
      } catch (const Goexit&) {
        throw;  // It ends this goroutine, not those that call later.
      } catch (...) {
        error = std::current_exception();
        throw;
      }
    }

    Once once;
    std::optional<F> f;
    std::optional<std::conditional_t<kNothing, bool, Result>> value;
    std::exception_ptr error;
  };
  std::shared_ptr<Shared> shared_;
};

}  // namespace detail

/// A copyable function that calls `f` the first time and then returns what it returned, as Go's sync.OnceValue (and
/// OnceFunc, when f returns nothing). When `f` threw, every call throws the same again. The reference that it returns
/// is valid as long as a copy of the function lives.
template <class F>
[[nodiscard]] auto once_value(F&& f) {
  return detail::OnceValue<std::decay_t<F>>(std::forward<F>(f));
}

}  // namespace csp
