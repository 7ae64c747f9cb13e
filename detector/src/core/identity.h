#pragma once
// Which Tid a new agent gets, and who an epoch belongs to.
//
// A newcomer may continue the line of an agent that ended, if its creator already knows the last
// epoch at which the dead one touched memory or released anything: then all that the dead one did is
// ordered before all that the newcomer does, so no race between the two exists to be lost, and no edge
// is invented. Otherwise it gets a fresh Tid.

#include "core/calling_context.h"
#include "core/vector_clock.h"
#include "csp/report/report.h"

namespace csp::race {

/// What reports say of an agent. Lives for ever: its accesses are remembered for as long.
struct AgentRecord {
  report::AgentId id;
  char name[32] = {};
  bool ended = false;
  const AgentRecord* creator = nullptr;
  ContextId creation = ContextId::kEmpty;
  Address stack_low = 0;  // Its stack's memory; 0 when unknown or gone.
  std::size_t stack_size = 0;
  std::size_t stack_index = 0;  // In the list of stacks in use (report/agents.h).
};

/// A line to go on with: `start` is the first epoch that is the agent's own.
/// `creator` and `known` are the creator's Tid and clock. Thread-safe.
Epoch take_identity(Tid creator, const VectorClock& known, const AgentRecord* agent);

/// The agent on `last.tid` has ended; `last` is the last epoch at which it touched memory or released anything. Thread-safe.
void return_identity(Tid creator, Epoch last);

/// Who was on the line then. Thread-safe.
const AgentRecord* agent_at(Epoch epoch);

}  // namespace csp::race
