#pragma once
// Goroutines on OS threads. Go's words: a goroutine G runs on a machine M (an OS thread) that holds a
// processor P (the right to run, and a queue).
//
// How work is found, and how nobody sleeps while there is some:
//   - A machine without work spins for a moment, then gives its processor back and sleeps. Whoever makes a goroutine
//     runnable wakes a machine when a processor is idle and nobody spins already.
//   - A machine that stops spinning first says so (spinning, idle processors), then takes each queue's
//     lock once and looks again. A goroutine queued before that look is seen by it; one queued after it was queued
//     by somebody who then sees that nobody spins, because he held the same lock later.
//
// Lock order: a channel's or mutex's lock, then Scheduler::lock, then Processor::lock. No user code runs under the last
// two.

#include <pthread.h>

#include <atomic>
#include <cstdint>

#include "base/spin_lock.h"
#include "machine/switch.h"
#include "sched/goroutine.h"
#include "sched/run_queue.h"
#include "time/timer_heap.h"

namespace csp::rt {

inline constexpr int kProcessorsMax = 1024;

// Often enough that nobody in the global queue starves; a prime, so that it falls in step with nothing.
inline constexpr std::uint32_t kGlobalEvery = 61;

/// The right to run goroutines, and those waiting for it.
struct Processor {
  SpinLock lock;                  // Guards all below, up to `index`.
  Machine* machine = nullptr;     // Who holds it; null when idle. Changed under Scheduler::lock as well.
  Goroutine* run_next = nullptr;  // Runs before the queue: made ready by the one running now, its data is warm.
  std::uint32_t run_next_streak = 0;
  std::uint32_t ticks = 0;                    // Goroutines resumed so far.
  std::uint32_t until_global = kGlobalEvery;  // Goroutines to resume until it is the global queue's turn.
  RunQueue queue;

  int index = 0;                   // Constant. Retired when >= Scheduler::processor_count.
  Processor* next_idle = nullptr;  // Guarded by Scheduler::lock.
};

/// Called for a goroutine that has left its stack, once its context is at rest. Runs on another stack.
using Landing = void (*)(Goroutine* left, void* argument);

/// Passed along with a switch: who left, and what to do now that he is at rest. Read by whoever arrives, before
/// anything else.
struct Departure {
  Goroutine* goroutine = nullptr;  // Null: the machine itself left its own stack.
  Machine* machine = nullptr;
  Landing landing = nullptr;
  void* argument = nullptr;

  // Not a departure at all but a visit: call this on the stack arrived at, then switch back to `home`.
  void (*visit)(void* argument) = nullptr;
  StackBounds home = {};
};

/// An OS thread that runs goroutines. Records are never given back.
struct Machine {
  Strand strand;                             // Stands in for the machine itself while it runs no goroutine.
  Processor* processor = nullptr;            // What it believes to hold; Processor::machine decides.
  std::atomic<Goroutine*> current{nullptr};  // Set under its processor's lock, so that freeze() misses nobody.
  Context context;                           // Its own stack, while a goroutine runs.
  StackBounds stack;
  Departure departure;  // Of whoever switches on it. Not kept on the stack that is left: that may be gone.
  std::atomic<const void*> frames_end{nullptr};  // In `stack`: below are frames of ours alone, above the thread-locals.
  bool spinning = false;
  bool timed = false;                       // Asleep until the next timer is due. Guarded by Scheduler::lock.
  std::atomic<std::uint32_t> wake_word{0};  // 1: up. Futex.
  Machine* next_idle = nullptr;             // Guarded by Scheduler::lock.
  Machine* next = nullptr;                  // All machines.
};

/// One for the process, never destroyed.
struct Scheduler {
  SpinLock lock;  // Guards the lists and counts below; atomics may be read without.
  GoroutineList queue;
  std::atomic<std::uint32_t> queued{0};  // queue.size().
  Processor* idle_processors = nullptr;
  std::atomic<int> idle_processor_count{0};
  std::atomic<int> busy_processor_count{0};
  std::atomic<int> processor_count{0};
  Machine* idle_machines = nullptr;
  Machine* timed_machine = nullptr;  // The idle one that sleeps until the next timer.
  std::atomic<Machine*> machines{nullptr};
  std::atomic<int> machine_count{0};
  std::atomic<int> spinning{0};

  std::atomic<int> in_blocking{0};       // Goroutines in blocking().
  std::atomic<int> foreign_count{0};     // Threads that have used the runtime and live.
  std::atomic<int> foreign_running{0};   // Those of them that are not blocked in one of its operations.
  std::atomic<bool> main_exited{false};  // main called goexit.

  std::atomic<std::uint32_t> frozen{0};  // 1 between freeze() and thaw(). Futex.
  std::atomic<Processor*> processors[kProcessorsMax] = {};
};

extern Scheduler scheduler;

/// Starts the runtime, once. Cheap afterwards.
void ensure_started();

/// The machine the caller runs on; null on a thread outside the runtime. Valid up to the next park.
Machine* this_machine();

/// The calling goroutine; null when the caller is none.
Goroutine* this_goroutine();

/// Makes `goroutine`, which is kRunnable, run: soon (after what the caller's processor has queued) or next.
enum class Place : std::uint8_t { kNext, kLast };
void enqueue(Goroutine* goroutine, Place place);

/// Leaves the calling goroutine's stack for whatever runs next. `landing` is called once its context is at rest, on
/// another stack.
void leave(Landing landing, void* argument);

/// Runs `visit` on the stack of `goroutine`, which is at rest and kept so by freeze() or the end of the process.
/// `home` is the stack of the caller.
void visit_stack(Goroutine& goroutine, StackBounds home, void (*visit)(void* argument), void* argument);

/// The calling goroutine lets others run and goes to the end of the queue.
void yield_goroutine();

/// Ends the calling goroutine; nothing lives on its stack any more.
[[noreturn]] void end_goroutine();

/// Gives the calling goroutine's processor away before it blocks the OS thread, and gets one back afterwards.
void enter_blocking(const void* pc);
void exit_blocking();

/// For sysmon: takes processors from goroutines that compute for longer than a tick while others wait. `seen` is what
/// the last call saw, kProcessorsMax of them.
struct Seen {
  std::uint32_t ticks = 0;
  Machine* machine = nullptr;
};
void retake_processors(Seen* seen);

/// A timer was armed that is due before all others. Called by the timer heap, no lock held.
void timers_changed();

/// Changes the number of processors; returns the former. `count` > 0.
int set_processor_count(int count);

/// Dies when every goroutine and thread is blocked and nothing can wake one. While a thread that the runtime has
/// never seen stands in the way, sysmon is told to look again.
void check_deadlock();

/// Whether no goroutine and no thread that we know could wake another. Needs Scheduler::lock.
bool only_timers_can_wake();

/// Asks sysmon for a check_deadlock() soon, and again until one is sure.
void look_for_deadlock_later();

/// Nanoseconds of the clock, some milliseconds old at worst. Costs a load.
Nanoseconds coarse_now();
void refresh_coarse_now();

/// Starts the thread that watches the others.
void start_sysmon();
/// Tells it that there is something to watch again; starts it when it is none.
void wake_sysmon();
/// Whether there is one: 0 or 1.
int sysmon_count();

// For fork(): see fork.cpp.
void install_fork_handlers();
void forget_sysmon();
void restart_scheduler();
/// Gives a thread to be created the signal mask of the program, whoever creates it: that thread blocks all signals.
void set_program_mask(pthread_attr_t& attributes);
/// Whether OS thread `id` is that thread.
bool is_sysmon(std::int32_t id);

}  // namespace csp::rt
