#include "csp/time.h"

#include <atomic>

#include "base/spin_lock.h"
#include "csp/go.h"
#include "csp/hooks.h"
#include "sched/park.h"
#include "time/timer_heap.h"

namespace csp {

using hooks::announce;
using hooks::Observer;

TimePoint Clock::now() noexcept { return TimePoint(duration(rt::now_ns())); }

namespace detail {

TimePoint from_now(Clock::duration duration) {
  const TimePoint now = Clock::now();
  if (duration.count() <= 0) return now;
  return duration > TimePoint::max() - now ? TimePoint::max() : now + duration;
}

namespace {

rt::Nanoseconds deadline_ns(Clock::duration delay) { return from_now(delay).time_since_epoch().count(); }

/// What a sleeper and the timer that wakes it share, in the sleeper's frame.
struct Sleeper {
  rt::TimerEntry timer;
  rt::SpinLock lock;  // Held from before the timer is armed until the sleeper may be made ready.
  rt::Strand* strand;
};

}  // namespace

void sleep(Clock::duration duration) {
  if (duration.count() <= 0) return;
  const void* pc = __builtin_return_address(0);
  Sleeper sleeper;
  sleeper.strand = &rt::current_strand();
  sleeper.timer.data = &sleeper;
  sleeper.timer.fire = [](rt::TimerEntry& timer) {
    auto& asleep = *static_cast<Sleeper*>(timer.data);
    asleep.lock.lock();  // It may still be on its way to sleep.
    asleep.lock.unlock();
    rt::ready(*asleep.strand);
  };
  sleeper.lock.lock();
  rt::arm(sleeper.timer, deadline_ns(duration));
  rt::park(hooks::WaitReason::kSleep, nullptr, sleeper.lock, pc);
}

/// What the handles and the armed timer share.
///
/// Invariants, all under `lock`
///   (1) `armed` means that the entry is in the heap, or that its fire() is on the way here and will count.
///   (2) `overtaken` counts the calls of fire() on the way here that stop() or reset() came before.
///   (3) Each of those in (1) and (2) holds one reference.
struct TimerState {
  std::atomic<std::uint32_t> references{1};
  rt::SpinLock lock;
  rt::TimerEntry entry;
  rt::Nanoseconds period = 0;  // 0: fires once.
  bool armed = false;
  std::uint32_t overtaken = 0;
  // One of the two. The channel keeps one value; nobody can tell, for len and cap are 0 and cancel() empties it.
  Chan<TimePoint> channel;
  TimerCall* call = nullptr;

  void hold() { references.fetch_add(1, std::memory_order_relaxed); }

  void drop() {
    announce(&Observer::release_merge, static_cast<const void*>(&references));
    if (references.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
    announce(&Observer::acquire, static_cast<const void*>(&references));
    if (call != nullptr) call->destroy(*call);
    delete this;
  }

  // With the lock held; takes a reference.
  void arm(rt::Nanoseconds when) {
    announce(&Observer::release, this);  // Arming happens before what the firing does.
    hold();
    armed = true;
    rt::arm(entry, when);
  }

  // With the lock held. Afterwards nothing of what was armed has any effect. Whether there was something; `drops` is
  // the number of references to drop once the lock is free.
  bool cancel(int& drops) {
    bool active = armed;
    if (armed) {
      armed = false;
      if (rt::disarm(entry)) {
        ++drops;
      } else {
        ++overtaken;  // (2)
      }
    }
    if (channel && channel.try_recv().has_value()) active = true;
    return active;
  }

  static void fire(rt::TimerEntry& timer);
};

void TimerState::fire(rt::TimerEntry& timer) {
  auto& state = *static_cast<TimerState*>(timer.data);
  state.lock.lock();
  if (state.overtaken > 0) {  // When reset() has armed it again, maybe it isn't us who is late; but one of us is.
    --state.overtaken;
    state.lock.unlock();
    state.drop();
    return;
  }
  announce(&Observer::acquire, static_cast<const void*>(&state));
  state.armed = false;
  if (state.channel) {
    const rt::Nanoseconds now = rt::now_ns();
    (void)state.channel.try_send(TimePoint(Clock::duration(now)));  // Full: nobody came for the last tick.
    if (state.period > 0) {
      // Ticks that are over already are skipped.
      const rt::Nanoseconds late = now > timer.when ? (now - timer.when) / state.period : 0;
      state.arm(timer.when + (late + 1) * state.period);
    }
  }
  state.lock.unlock();
  if (state.call == nullptr) {
    state.drop();
    return;
  }
  csp::go([&state] {  // Our reference is its own now.
    announce(&Observer::acquire, static_cast<const void*>(&state));
    const struct Reference {
      TimerState& held;
      ~Reference() { held.drop(); }
    } reference{state};
    state.call->call(*state.call);
  });
}

namespace {

TimerState* make_state(Clock::duration period, TimerCall* call) {
  auto* state = new TimerState;
  state->entry.data = state;
  state->entry.fire = &TimerState::fire;
  state->period = period.count();
  state->call = call;
  if (call == nullptr) {
    state->channel = make_chan<TimePoint>(1);
    hide_buffer(*state->channel.core());
  }
  return state;
}

TimerState* started(TimerState* state, Clock::duration delay) {
  state->lock.lock();
  state->arm(deadline_ns(delay));
  state->lock.unlock();
  return state;
}

}  // namespace

TimerHandle TimerHandle::sending_once(Clock::duration delay) {
  return TimerHandle(started(make_state(Clock::duration::zero(), nullptr), delay));
}

TimerHandle TimerHandle::sending_each(Clock::duration period) {
  return TimerHandle(started(make_state(period, nullptr), period));
}

TimerHandle TimerHandle::calling(Clock::duration delay, TimerCall& call) {
  return TimerHandle(started(make_state(Clock::duration::zero(), &call), delay));
}

TimerHandle::~TimerHandle() {
  if (state_ != nullptr) state_->drop();
}

TimerState& TimerHandle::state() const {
  if (state_ == nullptr) csp::panic("time: use of a moved-from Timer");
  return *state_;
}

RecvChan<TimePoint> TimerHandle::chan() const { return state().channel; }

bool TimerHandle::stop() const {
  TimerState& timer = state();
  int drops = 0;
  timer.lock.lock();
  const bool active = timer.cancel(drops);
  timer.lock.unlock();
  if (drops > 0) timer.drop();
  return active;
}

bool TimerHandle::reset(Clock::duration delay) const {
  TimerState& timer = state();
  int drops = 0;
  timer.lock.lock();
  const bool active = timer.cancel(drops);
  if (timer.period > 0) timer.period = delay.count();
  timer.arm(deadline_ns(delay));
  timer.lock.unlock();
  if (drops > 0) timer.drop();
  return active;
}

}  // namespace detail

detail::TimerHandle Ticker::start(Clock::duration period) {
  if (period.count() <= 0) csp::panic("non-positive interval for NewTicker");
  return detail::TimerHandle::sending_each(period);
}

bool Ticker::restart(Clock::duration period) {
  if (period.count() <= 0) csp::panic("non-positive interval for Ticker.Reset");
  return handle_.reset(period);
}

}  // namespace csp
