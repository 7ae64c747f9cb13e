#pragma once
// How both accesses of a race keep their stacks for ever: a calling context is interned once, as a
// return address and the context it returns to, and an access remembers its number.

#include "base/base.h"
#include "core/ids.h"

namespace csp::race {

/// Marks the innermost address of a context made by a free. User addresses have this bit clear.
inline constexpr Address kFreeMark = Address{1} << 63;

/// The context of `pc` called from `parent`. Equal arguments give equal results. Thread-safe.
ContextId intern(ContextId parent, Address pc);

/// Fills `pcs`, innermost first (without kFreeMark); returns how many. Thread-safe.
std::size_t expand(ContextId context, Address* pcs, std::size_t capacity);

/// Its innermost address, kFreeMark included; 0 for the empty context.
Address innermost(ContextId context);

}  // namespace csp::race
