// The runtime's announcements become the detector's verbs.

#include "abi/hook_observer.h"

#include "core/busy.h"
#include "core/check_access.h"
#include "core/detector.h"
#include "core/sync.h"
#include "core/thread_state.h"
#include "csp/hooks.h"
#include "csp/report/report.h"
#include "report/agents.h"

namespace csp::race {
namespace {

constinit int slot = -1;
constinit std::atomic<std::uint64_t> goroutines{0};

// The state of the OS thread beneath the goroutine it runs.
__thread ThreadState* thread_beneath = nullptr;

// A stack that was assigned; the next goroutine resumed on this OS thread is the one it serves.
__thread Address assigned_low = 0;
__thread std::size_t assigned_size = 0;

Address at(const void* address) { return reinterpret_cast<Address>(address); }

ThreadState* state_of(hooks::Agent* agent) { return static_cast<ThreadState*>(agent->slots[slot]); }

void goroutine_created(hooks::Agent* child, hooks::Agent*, const void* pc) {
  if (bypass()) return;
  goroutines.fetch_add(1, std::memory_order_relaxed);
  ThreadState& parent = self();
  BusyScope busy;
  // The runtime itself makes main, and has no place in the user's code to name.
  const ContextId creation = pc != nullptr ? context_of(parent, at(pc)) : context_of(parent);
  child->slots[slot] = make_agent({report::AgentId::Kind::kGoroutine, child->id}, child->name, &parent, creation);
}

void goroutine_ended(hooks::Agent* agent) {
  ThreadState* thread = state_of(agent);
  if (thread == nullptr || bypass()) return;
  BusyScope busy;
  current_agent = thread_beneath;
  agent->slots[slot] = nullptr;
  end_agent(thread);
}

void goroutine_resumed(hooks::Agent* agent) {
  if (bypass()) return;
  if (thread_beneath == nullptr) thread_beneath = &self();
  ThreadState* thread = state_of(agent);
  if (thread == nullptr) return;
  current_agent = thread;
  if (assigned_low != 0) {
    BusyScope busy;
    add_stack(thread->agent, assigned_low, assigned_size);
    assigned_low = 0;
  }
}

void goroutine_suspended(hooks::Agent*) {
  if (thread_beneath != nullptr) current_agent = thread_beneath;
}

void thread_attached(hooks::Agent* agent) {
  if (!bypass()) agent->slots[slot] = &self();
}

void thread_detached(hooks::Agent* agent) { agent->slots[slot] = nullptr; }

void stack_assigned(void* low, std::size_t size) {
  memory_mapped(at(low), size);
  assigned_low = at(low);
  assigned_size = size;
}

void handoff(hooks::Agent* peer) {
  ThreadState* other = state_of(peer);
  if (other == nullptr || bypass()) return;
  ThreadState& thread = self();
  BusyScope busy;
  if (!busy.entered()) return;
  // Both clocks as they are now, then each takes in the other's.
  VectorClock ours;
  ours.assign_release(thread.clock, thread.now);
  thread.clock.join(other->clock);
  thread.clock.raise(other->now);
  other->clock.join(ours);
  next_epoch(thread);
  next_epoch(*other);
}

void lock_taken(const void* lock, hooks::LockMode mode, hooks::LockHow, const void*) {
  if (bypass()) return;
  ThreadState& thread = self();
  BusyScope busy;
  if (busy.entered()) add_lock(thread, {at(lock), mode == hooks::LockMode::kShared});
}

void lock_given_back(const void* lock, hooks::LockMode) {
  if (bypass()) return;
  ThreadState& thread = self();
  BusyScope busy;
  if (busy.entered()) remove_lock(thread, at(lock));
}

constexpr hooks::Observer make_observer() {
  hooks::Observer observer = {};
  observer.goroutine_created = goroutine_created;
  observer.goroutine_ended = goroutine_ended;
  observer.goroutine_resumed = goroutine_resumed;
  observer.goroutine_suspended = goroutine_suspended;
  observer.thread_attached = thread_attached;
  observer.thread_detached = thread_detached;
  observer.stack_assigned = stack_assigned;
  observer.acquire = [](const void* address) { acquire(at(address)); };
  observer.release = [](const void* address) { release(at(address)); };
  observer.release_merge = [](const void* address) { release_merge(at(address)); };
  observer.handoff = handoff;
  observer.read = [](const void* address, std::size_t size, const void* pc) { range_read(at(address), size, at(pc)); };
  observer.write = [](const void* address, std::size_t size, const void* pc) { range_write(at(address), size, at(pc)); };
  observer.locked = lock_taken;
  observer.unlocked = lock_given_back;
  observer.lock_destroyed = [](const void* lock) { sync_destroyed(at(lock), 1); };
  observer.channel_made = [](const void*, std::size_t, const void*) {};
  observer.channel_closed = [](const void*, const void*) {};
  observer.channel_destroyed = [](const void*) {};
  observer.parked = [](hooks::Agent*, hooks::WaitReason, const void*, const void*) {};
  observer.readied = [](hooks::Agent*) {};
  observer.run_returned = [] {};
  observer.died = [](hooks::Death, const char*) {};
  return observer;
}

constexpr hooks::Observer the_observer = make_observer();

}  // namespace

std::uint64_t goroutines_seen() { return goroutines.load(std::memory_order_relaxed); }

void install_hook_observer() { slot = hooks::install(&the_observer); }

}  // namespace csp::race
