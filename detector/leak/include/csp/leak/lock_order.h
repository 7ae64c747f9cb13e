#pragma once
// Who holds which lock, and in which orders locks are taken.
//
// The runtime's mutexes arrive through its hooks without anybody's help. For locks of other makers
// (pthread mutexes) the detector calls the same three functions from its interceptors.

#include <cstddef>
#include <cstdint>

#include "csp/hooks.h"
#include "csp/report/report.h"

namespace csp::leak {

/// What the detector knows better than we do. Every entry may be null.
struct Environment {
  /// The caller's stack: return addresses, innermost first, at most `max`. Returns how many. Without it: the unwinder.
  std::size_t (*capture)(std::uintptr_t* pcs, std::size_t max);
  /// The caller's name. Without it threads are counted as they come.
  report::AgentId (*current_agent)();
  /// The present of the caller, and whether one such point happens before another. With both, two lock orders
  /// that can never meet (the first is over before the second starts) are no finding.
  std::uint64_t (*stamp)();
  bool (*ordered)(std::uint64_t earlier, std::uint64_t later);
};
/// Call once, before the program runs. `environment` must live for ever.
void set_environment(const Environment* environment);

/// The caller has taken `lock`. `kind` is static text for the report, such as "pthread mutex". `pc` is the return
/// address in the user's code, or null. Publishes csp-lock-order when this completes a cycle. Thread-safe; blocks on a
/// spin lock only.
void lock_taken(std::uintptr_t lock, const char* kind, hooks::LockMode mode, hooks::LockHow how, const void* pc);
/// The caller gives `lock` back; another agent may have taken it.
void lock_given_back(std::uintptr_t lock, hooks::LockMode mode);
/// The memory [address, address + size) is freed, or the lock in it destroyed: another one there is another lock.
void lock_gone(std::uintptr_t address, std::size_t size);
/// The calling OS thread ends; what is known of it is forgotten.
void thread_gone();

/// Around fork(): no other thread may be in the middle of something, since the child does not have it.
void before_fork();
void after_fork();

}  // namespace csp::leak
