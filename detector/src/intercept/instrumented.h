#pragma once

#include "base/base.h"

namespace csp::race {

/// Whether `pc`, a return address, is in a function that was compiled with -fsanitize=thread.
///
/// Such a function begins by calling __tsan_func_entry, and that is how we tell: what a compiler did
/// to a function cannot be seen in the file it is in (a program links libraries of all kinds). The
/// answer is remembered for each `pc`. Thread-safe, and safe in a signal handler.
bool in_instrumented_code(Address pc);

}  // namespace csp::race
