#pragma once
// What reports say of agents and of where an address lies.

#include "core/identity.h"

namespace csp::race {

/// The agents a finding mentions, each with its creators up to main, each once.
class AgentList {
 public:
  void add(const AgentRecord* agent);
  report::Span<report::AgentInfo> span() const { return {infos_, count_}; }

 private:
  static constexpr std::size_t kCapacity = 12;
  static constexpr std::size_t kFrames = 64;
  std::size_t count_ = 0;
  report::AgentInfo infos_[kCapacity];
  Address frames_[kCapacity][kFrames];
};

/// Whose stack an address is in; null when nobody's that we know.
const AgentRecord* owner_of_stack(Address address);
/// Makes the agent's stack findable.
void add_stack(AgentRecord* agent, Address low, std::size_t size);
void remove_stack(AgentRecord* agent);

/// Whether an address belongs to a loaded object: to a global variable.
bool in_module(Address address);

}  // namespace csp::race
