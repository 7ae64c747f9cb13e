#pragma once
// What we remember of each goroutine and thread: its name, where it was made, what it holds.

#include <cstddef>
#include <cstdint>

#include "csp/hooks.h"
#include "csp/leak/lock_order.h"
#include "csp/report/report.h"
#include "private_memory.h"

namespace csp::leak {

inline constexpr std::size_t kStackMax = 48;

/// Return addresses, innermost first.
struct StoredStack {
  std::uintptr_t pcs[kStackMax];
  std::size_t size;
  report::Stack view() const { return {pcs, size}; }
};

/// The caller's stack from `pc` outwards: our frames and the runtime's are cut off. Without `pc`: all of it.
void capture_stack(StoredStack& stack, const void* pc);

/// A lock that an agent holds.
struct Held {
  Held* next;
  std::uintptr_t lock;
  hooks::LockMode mode;
  std::uint64_t stamp;
  StoredStack stack;
};

/// Guarded by the lock of lock_order.cpp, but for what is constant.
struct AgentRecord {
  report::AgentId id;      // Constant.
  report::AgentId parent;  // Constant.
  StoredStack creation;    // Constant.
  Held* held = nullptr;    // Most recent first.
};

/// The record of the agent that the calling OS thread runs; made on first use. Null without memory.
AgentRecord* current_agent();
/// Of a goroutine, null when it was created before we listened.
AgentRecord* record_of(const hooks::Agent& agent);

// The hooks that keep this up to date.
void agent_created(hooks::Agent* child, hooks::Agent* parent, const void* pc);
void agent_ended(hooks::Agent* agent);
void agent_resumed(hooks::Agent* agent);
void agent_suspended();

/// Where in Agent::slots our record is.
void set_slot(int index);
std::uint64_t goroutines_created();

/// For fork.
void lock_records();
void unlock_records();

const Environment& environment();

}  // namespace csp::leak
