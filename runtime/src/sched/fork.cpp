// fork(): the child has only the thread that called it, so it has only the goroutine that called it, or none.
//
// The others are forgotten, not ended: no destructor of theirs runs. What they were in the middle of
// stays as it was - a channel whose lock was held at that moment stays locked - so a child should exec, exit, or use
// what it makes itself.

#include <pthread.h>

#include "base/fatal.h"
#include "machine/stack.h"
#include "sched/foreign_thread.h"
#include "sched/scheduler.h"

namespace csp::rt {
namespace {

// What the child goes on using must not be caught half changed.
void before_fork() {
  scheduler.lock.lock();
  goroutine_store_lock().lock();
  stack_pool_lock().lock();
  timer_lock().lock();
}

void after_fork() {
  timer_lock().unlock();
  stack_pool_lock().unlock();
  goroutine_store_lock().unlock();
  scheduler.lock.unlock();
}

void in_child() {
  after_fork();
  forget_timers();
  forget_goroutines_but(this_goroutine());
  forget_threads_but_caller();
  forget_sysmon();
  restart_scheduler();
}

}  // namespace

void install_fork_handlers() {
  if (pthread_atfork(before_fork, after_fork, in_child) != 0) fatal("out of memory for fork handlers");
}

}  // namespace csp::rt
