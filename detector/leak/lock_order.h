#pragma once
// The lock-order graph's inner side: what the rest of the leak tracker asks of it.

#include "agents.h"
#include "csp/leak/lock_order.h"

namespace csp::leak {

/// Takes what `agent` holds off the books: it has ended.
void forget_agent(AgentRecord& agent);

/// Calls `visit` for each agent that holds `lock`, with where it took it. Holds the graph's lock meanwhile.
void for_each_holder(std::uintptr_t lock, void (*visit)(void* context, const AgentRecord& holder, const Held& held),
                     void* context);

}  // namespace csp::leak
