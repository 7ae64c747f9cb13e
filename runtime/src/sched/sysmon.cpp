// The thread that watches the others: it takes processors from goroutines that compute on, keeps the
// coarse clock, and looks for deadlocks that nobody inside the runtime is left to see.

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include "base/fatal.h"
#include "base/futex.h"
#include "sched/policy.h"
#include "sched/scheduler.h"

namespace csp::rt {
namespace {

// A goroutine is preempted when it is found running twice: after 5 to 10 ms.
constexpr Nanoseconds kTick = 5'000'000;
constexpr Nanoseconds kDeadlockTickMax = 100'000'000;

constinit std::atomic<std::uint32_t> awake{0};  // 0: asleep, or about to be. Futex.
constinit std::atomic<bool> exists{false};
constinit std::atomic<bool> suspects_deadlock{false};
constinit std::atomic<Nanoseconds> coarse_clock{0};
constinit Seen seen[kProcessorsMax];
constinit sigset_t program_mask{};  // Signals blocked by whoever started the runtime. Constant afterwards.
constinit std::atomic<std::int32_t> thread_id{0};  // Of the OS thread, as the kernel counts.

bool anything_runs() { return scheduler.busy_processor_count.load() != 0; }

void* sysmon_main(void*) {
  thread_id.store(gettid(), std::memory_order_relaxed);
  Nanoseconds deadlock_tick = kTick;
  for (;;) {
    if (anything_runs()) {
      futex_wait(awake, 1, kTick);
      refresh_coarse_now();
      retake_processors(seen);
      continue;
    }
    if (suspects_deadlock.exchange(false)) {
      // Waiting for a thread of which nothing is known: no event would tell us.
      futex_wait(awake, 1, deadlock_tick);
      deadlock_tick = deadlock_tick * 2 < kDeadlockTickMax ? deadlock_tick * 2 : kDeadlockTickMax;
      check_deadlock();
      continue;
    }
    deadlock_tick = kTick;
    awake.store(0);
    if (!anything_runs() && !suspects_deadlock.load()) futex_wait(awake, 0);
    awake.store(1);
  }
}

}  // namespace

void start_sysmon() {
  exists.store(true);
  awake.store(1);
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  // Signals are the program's: none is to be handled here.
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &program_mask);
  pthread_t thread;
  const int error = pthread_create(&thread, &attributes, sysmon_main, nullptr);
  pthread_sigmask(SIG_SETMASK, &program_mask, nullptr);
  pthread_attr_destroy(&attributes);
  if (error != 0) fatal("cannot create an OS thread");
}

void set_program_mask(pthread_attr_t& attributes) { pthread_attr_setsigmask_np(&attributes, &program_mask); }

bool is_sysmon(std::int32_t id) { return id == thread_id.load(std::memory_order_relaxed); }

int sysmon_count() { return exists.load() ? 1 : 0; }

void forget_sysmon() { exists.store(false); }

void wake_sysmon() {
  if (bool expected = false; !exists.load() && exists.compare_exchange_strong(expected, true)) {
    start_sysmon();
    return;
  }
  if (awake.load() != 0) return;
  awake.store(1);
  futex_wake(awake);
}

void look_for_deadlock_later() {
  suspects_deadlock.store(true);
  wake_sysmon();
}

Nanoseconds coarse_now() { return virtual_time() ? virtual_now() : coarse_clock.load(std::memory_order_relaxed); }

void refresh_coarse_now() { coarse_clock.store(now_ns(), std::memory_order_relaxed); }

}  // namespace csp::rt
