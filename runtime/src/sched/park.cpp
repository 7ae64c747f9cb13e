#include "sched/park.h"

#include "base/futex.h"
#include "base/pause.h"
#include "sched/foreign_thread.h"
#include "sched/policy.h"
#include "sched/scheduler.h"

namespace csp::rt {
namespace {

void unlock(void* lock) { static_cast<SpinLock*>(lock)->unlock(); }

struct Release {
  void (*unlock)(void* locks);
  void* locks;
};

void park_goroutine(Goroutine& self, Release release) {
  leave(
      [](Goroutine* goroutine, void* argument) {
        const Release last = *static_cast<Release*>(argument);
        goroutine->state.store(GoroutineState::kParked, std::memory_order_release);
        last.unlock(last.locks);  // From here on the goroutine may run again: its stack is not ours to look at.
      },
      &release);
  self.case_count = 0;
}

void park_thread(ForeignThread& self, hooks::WaitReason reason, const void* object, Release release, const void* pc) {
  self.reason = reason;
  self.waiting_on = object;
  self.park_pc = pc;
  self.ready_word.store(0, std::memory_order_relaxed);
  self.blocked.store(true, std::memory_order_release);
  release.unlock(release.locks);
  // After the unlock, which may itself make somebody ready: run()'s main, the next holder of a Cond's mutex. Whoever
  // has woken us meanwhile has counted us once more.
  scheduler.foreign_running.fetch_sub(1);
  if (virtual_time()) timers_changed();
  check_deadlock();
  // A waker that is at work already is faster than the kernel.
  constexpr int kSpins = 200;
  for (int i = 0; i < kSpins && self.ready_word.load(std::memory_order_acquire) == 0; ++i) cpu_pause();
  while (self.ready_word.load(std::memory_order_acquire) == 0) futex_wait(self.ready_word, 0);
  self.blocked.store(false, std::memory_order_relaxed);
}

}  // namespace

[[gnu::noinline]] Strand& current_strand() {
  if (Goroutine* goroutine = this_goroutine()) return *goroutine;
  if (Machine* machine = this_machine()) return machine->strand;
  return this_foreign_thread();
}

void park(hooks::WaitReason reason, const void* object, SpinLock& held, const void* pc) {
  park_with(reason, object, unlock, &held, pc);
}

void park_with(hooks::WaitReason reason, const void* object, void (*unlock)(void* locks), void* locks, const void* pc) {
  Strand& self = current_strand();
  hooks::announce(&hooks::Observer::parked, &self.agent, reason, object, pc);
  if (!self.is_goroutine) {
    park_thread(static_cast<ForeignThread&>(self), reason, object, {unlock, locks}, pc);
    return;
  }
  Goroutine& goroutine = as_goroutine(self);
  goroutine.reason = reason;
  goroutine.waiting_on = object;
  goroutine.park_pc = pc;
  goroutine.parked_at = coarse_now();
  park_goroutine(goroutine, {unlock, locks});
}

void ready(Strand& strand) {
  hooks::announce(&hooks::Observer::readied, &strand.agent);
  if (strand.is_goroutine) {
    Goroutine& goroutine = as_goroutine(strand);
    goroutine.state.store(GoroutineState::kRunnable, std::memory_order_relaxed);
    enqueue(&goroutine, Place::kNext);
    return;
  }
  auto& thread = static_cast<ForeignThread&>(strand);
  scheduler.foreign_running.fetch_add(1);
  thread.ready_word.store(1, std::memory_order_release);
  futex_wake(thread.ready_word);
}

}  // namespace csp::rt
