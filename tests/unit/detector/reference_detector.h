#pragma once
// The definition of a data race, written down as directly as it goes, to compare the detector with: full vector
// clocks, every access of every byte remembered for ever, no sharing, no epochs, no identity taken over.

#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

namespace csp::testing {

class ReferenceDetector {
 public:
  using AgentIndex = std::size_t;

  struct Access {
    AgentIndex agent;
    std::uint64_t time;  // Of its agent, counted from 1.
    bool write;
    bool atomic;
  };

  /// A new agent that knows all that `parent` does.
  AgentIndex add_agent(AgentIndex parent);
  ReferenceDetector() { agents_.emplace_back(); }  // Agent 0.

  void acquire(AgentIndex agent, std::uintptr_t object);
  void release(AgentIndex agent, std::uintptr_t object);
  void release_merge(AgentIndex agent, std::uintptr_t object);
  void handoff(AgentIndex a, AgentIndex b);

  enum class Order : int { kRelaxed = 0, kAcquire = 2, kRelease = 3, kAcqRel = 4, kSeqCst = 5 };
  void atomic_load(AgentIndex agent, std::uintptr_t object, Order order);
  void atomic_store(AgentIndex agent, std::uintptr_t object, Order order);
  /// A read-modify-write is both: before its access it takes in, after it it lets out.
  void atomic_rmw_takes_in(AgentIndex agent, std::uintptr_t object, Order order);
  void atomic_rmw_lets_out(AgentIndex agent, std::uintptr_t object, Order order);
  void fence(AgentIndex agent, Order order);

  /// All earlier accesses of the byte that race with this one, which is remembered.
  std::vector<Access> access(AgentIndex agent, std::uintptr_t byte, bool write, bool atomic);
  /// Of the agent's latest access.
  std::uint64_t time_of(AgentIndex agent) const { return agents_[agent].time; }
  /// Nothing is known of the byte: what is there from here on is new.
  void forget(std::uintptr_t byte);
  void forget_object(std::uintptr_t object) { objects_.erase(object); }

 private:
  using Clock = std::map<AgentIndex, std::uint64_t>;
  struct Agent {
    std::uint64_t time = 0;
    Clock clock;
    Clock fence_acquire;
    Clock fence_release;
  };

  static void join(Clock& to, const Clock& from);
  static bool acquires(Order order) { return order != Order::kRelaxed && order != Order::kRelease; }
  static bool releases(Order order) { return order != Order::kRelaxed && order != Order::kAcquire; }

  /// What the agent knows, itself included.
  Clock now(AgentIndex agent) const;

  std::vector<Agent> agents_;
  std::map<std::uintptr_t, Clock> objects_;
  std::map<std::uintptr_t, std::vector<Access>> accesses_;
};

}  // namespace csp::testing
