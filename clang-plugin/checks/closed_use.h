/// What the two checks about closed channels have in common: how a use of a closed channel is told.
#pragma once

#include <string_view>

#include "engine/summary.h"
#include "finding.h"

namespace csp::lint {

/// `action`: "send on", "close of"; `done`: "sent", "closed".
Finding describe(const ClosedUse& use, std::string_view rule, std::string_view action, std::string_view done);

}  // namespace csp::lint
