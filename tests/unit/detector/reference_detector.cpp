#include "reference_detector.h"

#include <algorithm>

namespace csp::testing {

void ReferenceDetector::join(Clock& to, const Clock& from) {
  for (const auto& [agent, time] : from) to[agent] = std::max(to[agent], time);
}

ReferenceDetector::Clock ReferenceDetector::now(AgentIndex agent) const {
  Clock clock = agents_[agent].clock;
  clock[agent] = agents_[agent].time;
  return clock;
}

ReferenceDetector::AgentIndex ReferenceDetector::add_agent(AgentIndex parent) {
  Agent agent;
  agent.clock = now(parent);
  agents_.push_back(std::move(agent));
  return agents_.size() - 1;
}

void ReferenceDetector::acquire(AgentIndex agent, std::uintptr_t object) {
  join(agents_[agent].clock, objects_[object]);
}
void ReferenceDetector::release(AgentIndex agent, std::uintptr_t object) { objects_[object] = now(agent); }
void ReferenceDetector::release_merge(AgentIndex agent, std::uintptr_t object) { join(objects_[object], now(agent)); }

void ReferenceDetector::handoff(AgentIndex a, AgentIndex b) {
  const Clock of_a = now(a);
  const Clock of_b = now(b);
  join(agents_[a].clock, of_b);
  join(agents_[b].clock, of_a);
}

void ReferenceDetector::atomic_load(AgentIndex agent, std::uintptr_t object, Order order) {
  atomic_rmw_takes_in(agent, object, order);
}

void ReferenceDetector::atomic_store(AgentIndex agent, std::uintptr_t object, Order order) {
  objects_[object] = releases(order) ? now(agent) : agents_[agent].fence_release;
}

void ReferenceDetector::atomic_rmw_takes_in(AgentIndex agent, std::uintptr_t object, Order order) {
  Agent& self = agents_[agent];
  join(acquires(order) ? self.clock : self.fence_acquire, objects_[object]);
}

void ReferenceDetector::atomic_rmw_lets_out(AgentIndex agent, std::uintptr_t object, Order order) {
  join(objects_[object], releases(order) ? now(agent) : agents_[agent].fence_release);
}

void ReferenceDetector::fence(AgentIndex agent, Order order) {
  Agent& self = agents_[agent];
  if (acquires(order)) join(self.clock, self.fence_acquire);
  if (releases(order)) self.fence_release = now(agent);
}

std::vector<ReferenceDetector::Access> ReferenceDetector::access(AgentIndex agent, std::uintptr_t byte, bool write,
                                                                 bool atomic) {
  Agent& self = agents_[agent];
  ++self.time;
  std::vector<Access> races;
  for (const Access& earlier : accesses_[byte]) {
    if (earlier.agent == agent) continue;
    if (!write && !earlier.write) continue;
    if (atomic && earlier.atomic) continue;
    const auto known = self.clock.find(earlier.agent);
    if (known == self.clock.end() || known->second < earlier.time) races.push_back(earlier);
  }
  accesses_[byte].push_back({agent, self.time, write, atomic});
  return races;
}

void ReferenceDetector::forget(std::uintptr_t byte) { accesses_.erase(byte); }

}  // namespace csp::testing
