#pragma once
// Tells the user's frames from ours and the system's. Reports show the user's.

#include "model/report.h"

namespace csp::cli {

/// By the function's name first, then by where its source and its binary are.
Origin origin_of(const Frame& frame);

/// The innermost frame of the user's; without one the innermost that is not ours; null for an empty stack.
const Frame* first_of_project(const Stack& stack);

bool has_project_frame(const Stack& stack);

/// The user's frames; all of them if none is the user's.
Stack of_project(const Stack& stack);

}  // namespace csp::cli
