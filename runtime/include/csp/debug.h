#pragma once
// A look at the program from inside.

#include <iosfwd>
#include <vector>

#include "csp/goroutine_info.h"

namespace csp {

/// All live goroutines, in order of id. Stops goroutines for a moment; those that compute on and never enter the
/// runtime are listed as running, without a stack. Thread-safe; may block for some milliseconds.
std::vector<GoroutineInfo> goroutines();

/// Writes all of them as Go does on SIGQUIT.
void dump(std::ostream& out);

}  // namespace csp
