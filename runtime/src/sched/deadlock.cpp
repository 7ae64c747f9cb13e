// When is everybody asleep? When no agent runs, and nothing but a running agent could wake one.
//
// Who could: a goroutine that holds a processor or is queued, one in blocking(), a timer, a thread
// outside the runtime that runs, and a thread the runtime has never seen, which may be about to use it.
// Each is counted, and leaves its count only after it has woken whom it wakes. So a moment at which all
// counts are nought is the end, whenever each of them is read; Scheduler::lock keeps processors and the queue still.

#include <cstdlib>

#include <sys/stat.h>

#include "base/fatal.h"
#include "sched/death.h"
#include "sched/scheduler.h"

namespace csp::rt {
namespace {

/// Threads of the process; an exact number at one moment, unlike a walk over the directory.
int thread_count() {
  struct stat task;
  constexpr int kLinksOfEmptyDirectory = 2;
  if (stat("/proc/self/task", &task) != 0) return -1;
  return static_cast<int>(task.st_nlink) - kLinksOfEmptyDirectory;
}

/// A machine whose processor was taken away runs on until its goroutine enters the runtime.
bool runs_without_processor() {
  for (Machine* it = scheduler.machines.load(std::memory_order_acquire); it != nullptr; it = it->next) {
    if (it->current.load(std::memory_order_acquire) != nullptr) return true;
  }
  return false;
}

}  // namespace

bool only_timers_can_wake() {
  return scheduler.busy_processor_count.load() == 0 && !runs_without_processor() && scheduler.queue.empty() &&
         scheduler.foreign_running.load() == 0 && scheduler.in_blocking.load() == 0;
}

void check_deadlock() {
  if (scheduler.busy_processor_count.load() != 0 || scheduler.foreign_running.load() != 0) return;
  scheduler.lock.lock();
  const bool quiet = only_timers_can_wake() && next_timer() == kNever;
  const bool all_known =
      quiet && thread_count() == scheduler.machine_count.load() + sysmon_count() + scheduler.foreign_count.load();
  // Again: a thread we did not know may have come, woken somebody and gone while its kind was counted.
  const bool sure = all_known && only_timers_can_wake() && next_timer() == kNever;
  scheduler.lock.unlock();
  // With nobody left there is nothing to wait for: a process ends with its last thread. So ends the child
  // of a fork() by a goroutine, and a program whose main thread has called pthread_exit.
  if (sure && goroutine_count() == 0 && scheduler.foreign_count.load() == 0) std::exit(EXIT_SUCCESS);
  if (sure) die_of_deadlock();
  if (quiet) look_for_deadlock_later();
}

}  // namespace csp::rt
