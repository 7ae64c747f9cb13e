// pthread_once, which std::call_once is made of, and C11's call_once.
//
// Executions of the routine are ordered one after the other (there are several when one is left by an exception), and
// the last of them before the return of every call.
//
// Compiled with exceptions, to know of such an execution's end.

#include <pthread.h>
#include <threads.h>

#include "intercept/families.h"
#include "intercept/real_function.h"

namespace csp::race {
namespace {

struct OnceCall {
  Address control;
  void (*routine)();
  Address pc;
};

/// What run_once() is to do: libc passes nothing on to the routine. Read at its start only, for a routine may itself
/// call pthread_once.
__thread const OnceCall* once_call = nullptr;

class Execution {
 public:
  explicit Execution(const OnceCall& call) : control_(call.control) {
    acquire(control_);
    function_enter(call.pc);
  }
  ~Execution() {
    function_exit();
    release(control_);
  }
  Execution(const Execution&) = delete;
  Execution& operator=(const Execution&) = delete;

 private:
  Address control_;
};

void run_once() {
  const OnceCall call = *once_call;
  const Execution execution(call);
  call.routine();
}

}  // namespace

void initialize_once() {}

extern "C" {

CSP_INTERCEPT(int, pthread_once, pthread_once_t* control, void (*routine)()) {
  if (bypass()) return real_pthread_once(control, routine);
  const OnceCall call{address_of(control), routine, CSP_CALLER_PC};
  once_call = &call;
  const int error = real_pthread_once(control, run_once);
  if (error == 0) acquire(call.control);
  return error;
}

CSP_INTERCEPT(void, call_once, once_flag* flag, void (*routine)()) {
  if (bypass()) return real_call_once(flag, routine);
  const OnceCall call{address_of(flag), routine, CSP_CALLER_PC};
  once_call = &call;
  real_call_once(flag, run_once);
  acquire(call.control);
}

}  // extern "C"
}  // namespace csp::race
