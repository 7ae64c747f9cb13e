#pragma once

#include <cstdint>

namespace csp::race {

/// Listens to the goroutine runtime, if there is one in the process.
void install_hook_observer();

/// Goroutines created so far.
std::uint64_t goroutines_seen();

}  // namespace csp::race
