#include "agents.h"

#include <unwind.h>

#include <atomic>

#include "csp/report/system.h"
#include "lock_order.h"

namespace csp::leak {
namespace {

constinit const Environment kNobody = {};
constinit std::atomic<const Environment*> the_environment{&kNobody};

constinit SpinMutex pool_lock;
constinit Pool<AgentRecord> pool;
constinit std::atomic<std::uint64_t> created{0};
constinit std::atomic<std::uint64_t> threads_met{0};
constinit int slot = -1;

// The goroutine that runs on this OS thread, and the thread's own record.
__thread AgentRecord* running = nullptr;
__thread AgentRecord* thread_record = nullptr;

struct Unwinding {
  std::uintptr_t* pcs;
  std::size_t max;
  std::size_t size;
};

_Unwind_Reason_Code unwind_step(_Unwind_Context* context, void* argument) {
  auto& unwinding = *static_cast<Unwinding*>(argument);
  const std::uintptr_t pc = _Unwind_GetIP(context);
  if (pc == 0 || unwinding.size == unwinding.max) return _URC_END_OF_STACK;
  unwinding.pcs[unwinding.size++] = pc;
  return _URC_NO_REASON;
}

std::size_t unwind(std::uintptr_t* pcs, std::size_t max) {
  Unwinding unwinding{pcs, max, 0};
  _Unwind_Backtrace(unwind_step, &unwinding);
  return unwinding.size;
}

AgentRecord* make_record() {
  SpinGuard guard(pool_lock);
  return pool.create();
}

void drop_record(AgentRecord* record) {
  forget_agent(*record);
  SpinGuard guard(pool_lock);
  pool.destroy(record);
}

}  // namespace

const Environment& environment() { return *the_environment.load(std::memory_order_acquire); }

void set_environment(const Environment* environment) { the_environment.store(environment, std::memory_order_release); }

void capture_stack(StoredStack& stack, const void* pc) {
  constexpr std::size_t kOurs = 16;  // Room for the frames that are cut off.
  std::uintptr_t pcs[kStackMax + kOurs];
  // The environment's capture knows who called whom, not where the innermost of them is now: that is `pc`. Without one,
  // the machine's stack knows.
  const auto capture = pc != nullptr && environment().capture != nullptr ? environment().capture : unwind;
  const std::size_t size = capture(pcs, kStackMax + kOurs);
  const auto from = reinterpret_cast<std::uintptr_t>(pc);
  std::size_t first = 0;
  if (from != 0) {
    while (first < size && pcs[first] != from) ++first;
  }
  stack.size = 0;
  if (first == size && from != 0) {
    // Not among them (a tail call, or a capture that knows the callers only).
    stack.pcs[stack.size++] = from;
    first = 0;
  }
  for (; first < size && stack.size < kStackMax; ++first) stack.pcs[stack.size++] = pcs[first];
}

void set_slot(int index) { slot = index; }

AgentRecord* record_of(const hooks::Agent& agent) {
  return slot < 0 ? nullptr : static_cast<AgentRecord*>(agent.slots[slot]);
}

AgentRecord* current_agent() {
  if (running != nullptr) return running;
  if (thread_record != nullptr) return thread_record;
  AgentRecord* record = make_record();
  if (record == nullptr) return nullptr;
  if (const auto name = environment().current_agent) {
    record->id = name();
  } else {
    const bool is_main = report::system_call(SYS_gettid) == report::system_call(SYS_getpid);
    record->id = {report::AgentId::Kind::kThread,
                  is_main ? 0 : 1 + threads_met.fetch_add(1, std::memory_order_relaxed)};
  }
  thread_record = record;
  return record;
}

void agent_created(hooks::Agent* child, hooks::Agent* parent, const void* pc) {
  created.fetch_add(1, std::memory_order_relaxed);
  AgentRecord* record = make_record();
  child->slots[slot] = record;
  if (record == nullptr) return;
  record->id = {report::AgentId::Kind::kGoroutine, child->id};
  if (parent != nullptr && parent->id != 0) {
    record->parent = {report::AgentId::Kind::kGoroutine, parent->id};
  } else if (const AgentRecord* caller = parent != nullptr ? current_agent() : nullptr; caller != nullptr) {
    record->parent = caller->id;
  }
  if (pc != nullptr) capture_stack(record->creation, pc);
}

void agent_ended(hooks::Agent* agent) {
  AgentRecord* record = record_of(*agent);
  if (record == nullptr) return;
  agent->slots[slot] = nullptr;
  if (running == record) running = nullptr;
  drop_record(record);
}

void agent_resumed(hooks::Agent* agent) { running = record_of(*agent); }

void agent_suspended() { running = nullptr; }

void lock_records() {
  pool_lock.lock();
  lock_ranges();
}

void unlock_records() {
  unlock_ranges();
  pool_lock.unlock();
}

void thread_gone() {
  if (thread_record != nullptr) drop_record(thread_record);
  thread_record = nullptr;
}

std::uint64_t goroutines_created() { return created.load(std::memory_order_relaxed); }

}  // namespace csp::leak
