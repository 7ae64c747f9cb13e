#pragma once
// Where channels were made: a leak is easier to understand when its channel has a place.

#include <cstdint>

namespace csp::leak {

/// Thread-safe, all three.
void channel_made(std::uintptr_t channel, std::uintptr_t pc);
void channel_gone(std::uintptr_t channel);
/// The return address of the call that made `channel`; 0 when unknown.
std::uintptr_t where_made(std::uintptr_t channel);

}  // namespace csp::leak
