#pragma once
// Clock, sleep, Timer and Ticker, as Go's time package since 1.23: once stop() or reset() has returned, no value from
// before can be received any more.

#include <chrono>
#include <cstdint>
#include <functional>
#include <limits>
#include <type_traits>
#include <utility>

#include "csp/chan.h"

namespace csp {

/// A steady clock. Under a seeded schedule it is virtual: it stands still while any goroutine can run, and jumps to the
/// next timer when all are blocked.
struct Clock {
  using rep = std::int64_t;
  using period = std::nano;
  using duration = std::chrono::duration<rep, period>;
  using time_point = std::chrono::time_point<Clock>;
  static constexpr bool is_steady = true;

  static time_point now() noexcept;
};

using TimePoint = Clock::time_point;

inline TimePoint now() { return Clock::now(); }

namespace detail {

/// `duration` in nanoseconds, rounded up, so that nothing is early; the nearest that fits when it doesn't.
template <class Rep, class Period>
constexpr Clock::duration saturated(std::chrono::duration<Rep, Period> duration) {
  using Wide = std::chrono::duration<long double, std::nano>;
  const Wide wide = duration;
  if (wide >= Wide(Clock::duration::max())) return Clock::duration::max();
  if (wide <= Wide(Clock::duration::min())) return Clock::duration::min();
  return std::chrono::ceil<Clock::duration>(duration);
}

/// `duration` from now; the end of time when it is farther away.
TimePoint from_now(Clock::duration duration);

void sleep(Clock::duration duration);

/// What an after_func timer calls, and how to end its life.
struct TimerCall {
  void (*call)(TimerCall& self);
  void (*destroy)(TimerCall& self);
};

template <class F>
struct TimerCallOf : TimerCall {
  explicit TimerCallOf(F function)
      : TimerCall{[](TimerCall& self) { std::invoke(static_cast<TimerCallOf&>(self).f); },
                  [](TimerCall& self) { delete &static_cast<TimerCallOf&>(self); }},
        f(std::move(function)) {}
  F f;
};

struct TimerState;  // See time.cpp.

/// A shared handle on a timer's state. What Timer and Ticker are made of.
class TimerHandle {
 public:
  static TimerHandle sending_once(Clock::duration delay);
  static TimerHandle sending_each(Clock::duration period);  // `period` > 0.
  static TimerHandle calling(Clock::duration delay, TimerCall& call);

  TimerHandle(TimerHandle&& other) noexcept : state_(std::exchange(other.state_, nullptr)) {}
  TimerHandle& operator=(TimerHandle&& other) noexcept {
    std::swap(state_, other.state_);
    return *this;
  }
  ~TimerHandle();

  RecvChan<TimePoint> chan() const;
  bool stop() const;
  bool reset(Clock::duration delay) const;
  bool empty() const { return state_ == nullptr; }  // Moved from.

 private:
  explicit TimerHandle(TimerState* state) : state_(state) {}
  TimerState& state() const;
  TimerState* state_;
};

}  // namespace detail

/// Blocks the caller for at least `duration`; returns at once when that is 0 or less.
template <class Rep, class Period>
[[gnu::always_inline]] inline void sleep(std::chrono::duration<Rep, Period> duration) {
  detail::sleep(detail::saturated(duration));
}

/// One event in the future: a value on a channel, or the call of a function. Dropping a Timer doesn't stop it.
class Timer {
 public:
  /// Sends the time on chan() once `delay` is over.
  template <class Rep, class Period>
  explicit Timer(std::chrono::duration<Rep, Period> delay)
      : handle_(detail::TimerHandle::sending_once(detail::saturated(delay))) {}

  /// The channel, which outlives the timer; nil for one that calls a function. Its len and cap are 0.
  RecvChan<TimePoint> chan() const { return handle_.chan(); }
  /// Keeps the timer from firing. True if it was active: it had not fired, or nobody had received the value, which is
  /// now gone. It doesn't wait for a function that has begun.
  bool stop() { return handle_.stop(); }
  /// As stop(), then sets it to fire once `delay` is over.
  template <class Rep, class Period>
  bool reset(std::chrono::duration<Rep, Period> delay) {
    return handle_.reset(detail::saturated(delay));
  }

 private:
  template <class Rep, class Period, class F>
  friend Timer after_func(std::chrono::duration<Rep, Period> delay, F&& f);
  explicit Timer(detail::TimerHandle handle) : handle_(std::move(handle)) {}
  detail::TimerHandle handle_;
};

/// The channel of a new Timer.
template <class Rep, class Period>
[[nodiscard]] RecvChan<TimePoint> after(std::chrono::duration<Rep, Period> delay) {
  return Timer(delay).chan();
}

/// Calls `f` in a goroutine of its own once `delay` is over, unless stopped. reset() makes it be called again.
template <class Rep, class Period, class F>
Timer after_func(std::chrono::duration<Rep, Period> delay, F&& f) {
  auto* call = new detail::TimerCallOf<std::decay_t<F>>(std::forward<F>(f));
  return Timer(detail::TimerHandle::calling(detail::saturated(delay), *call));
}

/// Sends the time on its channel again and again; drops what nobody receives in time. Dropping a Ticker stops it.
class Ticker {
 public:
  /// Panics with `non-positive interval for NewTicker` when `period` is 0 or less.
  template <class Rep, class Period>
  explicit Ticker(std::chrono::duration<Rep, Period> period) : handle_(start(detail::saturated(period))) {}
  Ticker(Ticker&&) noexcept = default;
  Ticker& operator=(Ticker other) noexcept {  // What we had goes, and is stopped, with `other`.
    std::swap(handle_, other.handle_);
    return *this;
  }
  ~Ticker() {
    if (!handle_.empty()) handle_.stop();
  }

  /// The channel, which outlives the ticker. Its len and cap are 0.
  RecvChan<TimePoint> chan() const { return handle_.chan(); }
  /// No more ticks; the channel isn't closed. True if it was active.
  bool stop() { return handle_.stop(); }
  /// As stop(), then ticks every `period`, the first time once `period` is over. Panics with
  /// `non-positive interval for Ticker.Reset` when `period` is 0 or less.
  template <class Rep, class Period>
  bool reset(std::chrono::duration<Rep, Period> period) {
    return restart(detail::saturated(period));
  }

 private:
  static detail::TimerHandle start(Clock::duration period);
  bool restart(Clock::duration period);
  detail::TimerHandle handle_;
};

}  // namespace csp
