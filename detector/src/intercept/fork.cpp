// fork, by the handlers that libc runs around it rather than an interceptor: so every way to fork comes here, and ours,
// which are registered before the program's, run closest to the fork itself.
//
// vfork and posix_spawn need nothing: their child runs on its parent's behalf until it executes another program.

#include <pthread.h>

#include "core/detector.h"
#include "csp/leak/lock_order.h"
#include "intercept/families.h"
#include "intercept/real_function.h"

namespace csp::race {
namespace {

// Handlers that run after ours before the fork, or before ours after it, are libc's (malloc's) or of a library
// that registered even before us: nobody's events.
alignas(BypassScope) __thread char bypass_storage[sizeof(BypassScope)];

void bypass_until_forked() { new (bypass_storage, Place{}) BypassScope; }
void forked() { reinterpret_cast<BypassScope*>(bypass_storage)->~BypassScope(); }

void prepare() {
  before_fork();
  leak::before_fork();
  bypass_until_forked();
}

void in_parent() {
  forked();
  leak::after_fork();
  after_fork_in_parent();
}

void in_child() {
  forked();
  leak::after_fork();
  after_fork_in_child();
}

}  // namespace

void initialize_fork() { pthread_atfork(prepare, in_parent, in_child); }

extern "C" {

// A fork without handlers.
CSP_INTERCEPT(pid_t, _Fork) {
  if (bypass()) return real__Fork();
  prepare();
  const pid_t child = real__Fork();
  child == 0 ? in_child() : in_parent();
  return child;
}

}  // extern "C"
}  // namespace csp::race
