#pragma once
// What the runtime lets others see: hooks::Inspector.

#include <cstdint>

namespace csp::rt {

void offer_inspector();

/// Keeps goroutines from being resumed until thaw(); a second caller waits for that. True once none but the caller is
/// running, false when some still were after `timeout_ns`.
bool freeze(std::int64_t timeout_ns);
void thaw();

}  // namespace csp::rt
