#pragma once

#include "core/thread_state.h"

namespace csp::race {

/// The calling context of the call that returns to `pc`, which is on the machine's stack right now: by
/// the unwinder, so that frames of code that was not instrumented (libstdc++'s thread start, say) are in it.
/// Falls back on the shadow stack where the unwinder does not get through. Slow: for rare events.
ContextId unwound_context(ThreadState& thread, Address pc);

}  // namespace csp::race
