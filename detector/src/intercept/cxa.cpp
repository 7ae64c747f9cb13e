// What compilers call for static objects: guards of function-local ones, and registration of destructors.

#include "core/busy.h"
#include "intercept/families.h"
#include "intercept/real_function.h"

namespace csp::race {
namespace {

/// Its address is the synchronisation object between registration and execution.
struct ExitHandler {
  void (*function)(void*);
  void* argument;
};

void run_exit_handler(void* raw) {
  auto* record = static_cast<ExitHandler*>(raw);
  const ExitHandler handler = *record;
  acquire(address_of(record));
  sync_destroyed(address_of(record), sizeof *record);
  {
    const BusyScope busy;
    unmake(record);
  }
  handler.function(handler.argument);
}

}  // namespace

void initialize_cxa() {}

extern "C" {

// The guard's first byte is what the compiler's own check loads, with acquire order, before it calls us.
CSP_INTERCEPT(int, __cxa_guard_acquire, void* guard) {
  const int must_initialize = real___cxa_guard_acquire(guard);
  // Also when it falls to us: another attempt may have ended in an exception before.
  if (!bypass()) acquire(address_of(guard));
  return must_initialize;
}

CSP_INTERCEPT(void, __cxa_guard_release, void* guard) {
  if (!bypass()) release(address_of(guard));
  real___cxa_guard_release(guard);
}

CSP_INTERCEPT(void, __cxa_guard_abort, void* guard) {
  if (!bypass()) release(address_of(guard));
  real___cxa_guard_abort(guard);
}

// atexit() ends here too. What was done before the registration happens before the handler runs.
CSP_INTERCEPT(int, __cxa_atexit, void (*function)(void*), void* argument, void* module) {
  if (bypass()) return real___cxa_atexit(function, argument, module);
  ExitHandler* record;
  {
    const BusyScope busy;
    record = make<ExitHandler>();
  }
  *record = {function, argument};
  release(address_of(record));
  return real___cxa_atexit(run_exit_handler, record, module);
}

}  // extern "C"
}  // namespace csp::race
