#include "core/detector.h"

#include <linux/membarrier.h>
#include <stdio.h>
#include <sys/syscall.h>

#include "abi/hook_observer.h"
#include "base/system_calls.h"
#include "core/busy.h"
#include "core/check_access.h"
#include "core/flags.h"
#include "core/heap_index.h"
#include "core/meta_table.h"
#include "core/sync.h"
#include "core/thread_state.h"
#include "core/unwind.h"
#include "csp/leak/leak_tracker.h"
#include "csp/leak/lock_order.h"
#include "csp/report/report.h"
#include "intercept/intercept.h"
#include "report/agents.h"
#include "report/report_race.h"

extern "C" {
// libc's registration, not an interceptor of ours: the handler must run after all of the program's.
int __cxa_atexit(void (*function)(void*), void* argument, void* module);
extern void* __dso_handle;
char* getenv(const char* name);
}

namespace csp::race {

__thread std::uint32_t busy_depth = 0;
constinit std::atomic<bool> fork_pending{false};
constinit std::atomic<std::uint64_t> events_lost{0};

namespace {

enum class Phase : std::uint8_t { kNotStarted, kStarting, kRunning, kDisabled };
constinit std::atomic<Phase> phase{Phase::kNotStarted};
__thread std::uint32_t bypass_depth = 0;

constinit std::atomic<std::uint64_t> threads_made{0};
constinit std::atomic<bool> ended{false};

// The OS threads that run instrumented code, so that a fork can wait until none is inside the detector.
// Registering and leaving happen outside of a BusyScope: the forking thread holds the mutex while it waits for those.
struct OsThread {
  std::uint32_t* busy_depth;
  OsThread* next;
  OsThread* previous;
};
constinit SpinMutex os_threads_mutex;
constinit OsThread* os_threads = nullptr;
__thread OsThread own_os_thread;

void register_os_thread() {
  if (own_os_thread.busy_depth != nullptr) return;
  own_os_thread = {&busy_depth, nullptr, nullptr};
  SpinGuard guard(os_threads_mutex);
  own_os_thread.next = os_threads;
  if (os_threads != nullptr) os_threads->previous = &own_os_thread;
  os_threads = &own_os_thread;
}

void unregister_os_thread() {
  if (own_os_thread.busy_depth == nullptr) return;
  SpinGuard guard(os_threads_mutex);
  (own_os_thread.previous != nullptr ? own_os_thread.previous->next : os_threads) = own_os_thread.next;
  if (own_os_thread.next != nullptr) own_os_thread.next->previous = own_os_thread.previous;
  own_os_thread = {};
}

report::AgentId next_thread_id() {
  return {report::AgentId::Kind::kThread, threads_made.fetch_add(1, std::memory_order_relaxed)};
}

void at_exit(void*) {
  if (ended.exchange(true)) return;
  publish_race_counts();
  report::End totals;
  totals.goroutines = goroutines_seen();
  totals.threads = threads_made.load(std::memory_order_relaxed);
  totals.lost = events_lost.load(std::memory_order_relaxed);
  report::add_totals(totals);
  report::end();
  if (flags.exitcode != 0 && !report::has_reader() && report::published() > 0) {
    fflush(nullptr);
    system_call(SYS_exit_group, flags.exitcode);
  }
}

std::size_t capture_stack(std::uintptr_t* pcs, std::size_t max) {
  ThreadState& thread = self();
  std::size_t depth = 0;
  for (const Frame* frame = thread.top; frame != thread.bottom && depth < max; --frame) pcs[depth++] = frame[-1].pc;
  return depth;
}

report::AgentId current_agent_id() { return self().agent->id; }

constexpr leak::Environment kLeakEnvironment = {
    .capture = capture_stack,
    .current_agent = current_agent_id,
    .stamp = nullptr,
    .ordered = nullptr,
};

const char* kind_words(LockKind kind) {
  switch (kind) {
    case LockKind::kMutex: return "pthread mutex";
    case LockKind::kRwLock: return "pthread rwlock";
    case LockKind::kSpinLock: return "pthread spin lock";
  }
  return "lock";
}

hooks::LockMode mode_of(bool shared) { return shared ? hooks::LockMode::kShared : hooks::LockMode::kExclusive; }

// Readers release to an address of their own: they do not order each other, only the next writer.
Address readers_of(Address lock) { return lock + 1; }

}  // namespace

void initialize() {
  Phase expected = Phase::kNotStarted;
  if (!phase.compare_exchange_strong(expected, Phase::kStarting)) return;
  parse_flags(getenv("CSP_RACE_OPTIONS"));
  initialize_interceptors();
  if (!flags.enabled) {
    phase.store(Phase::kDisabled);
    return;
  }
  shadow_initialize();
  report::begin({.detector = true, .runtime = false});
  // Registered before any of the program's handlers and the leak tracker's, so run after all of them.
  __cxa_atexit(at_exit, nullptr, &__dso_handle);
  leak::set_environment(&kLeakEnvironment);
  offer_heap_index();
  install_hook_observer();
  leak::start(leak::Host::kDetector);
  system_call(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0);
  phase.store(Phase::kRunning, std::memory_order_release);
  self();
}

bool bypass() {
  return CSP_UNLIKELY(phase.load(std::memory_order_acquire) != Phase::kRunning) || CSP_UNLIKELY(bypass_depth > 0);
}

BypassScope::BypassScope() { ++bypass_depth; }
BypassScope::~BypassScope() { --bypass_depth; }

void halt() {
  at_exit(nullptr);
  system_call(SYS_exit_group, flags.exitcode != 0 ? flags.exitcode : 66);
  __builtin_unreachable();
}

void count_lost_event() { events_lost.fetch_add(1, std::memory_order_relaxed); }

// Agents ---------------------------------------------------------------------------------------

ThreadState& self() {
  ThreadState* thread = current_agent;
  if (CSP_LIKELY(thread != nullptr)) return *thread;
  // A thread that nobody announced: main, or one made behind our back.
  BypassScope bypass_scope;
  // A thread that ends without telling us must not stay on the list; main never does.
  if (system_call(SYS_gettid) == system_call(SYS_getpid)) register_os_thread();
  BusyScope busy;
  thread = make_agent(next_thread_id(), "", nullptr, ContextId::kEmpty);
  current_agent = thread;
  return *thread;
}

ThreadState& thread_create(Address pc) {
  ThreadState& parent = self();
  BusyScope busy;
  return *make_agent(next_thread_id(), "", &parent, unwound_context(parent, pc));
}

void thread_start(ThreadState& thread, Address stack_low, std::size_t stack_size) {
  current_agent = &thread;
  register_os_thread();
  BusyScope busy;
  // libc hands on the stack of a thread that ended, without a call that we could see.
  forget_accesses(stack_low, stack_size);
  forget_sync_vars(stack_low, stack_size);
  add_stack(thread.agent, stack_low, stack_size);
}

void thread_finish(ThreadState& thread) {
  {
    BusyScope busy;
    thread.final_clock = make<VectorClock>();
    thread.final_clock->assign_release(thread.clock, thread.now);
    next_epoch(thread);
    remove_stack(thread.agent);
    leak::thread_gone();
  }
  // What still runs on this OS thread (destructors of its thread-locals in libc) is nobody's.
  ++bypass_depth;
  current_agent = nullptr;
  unregister_os_thread();
}

void thread_join(ThreadState& thread) {
  ThreadState& joiner = self();
  BusyScope busy;
  if (thread.final_clock != nullptr) joiner.clock.join(*thread.final_clock);
  end_agent(&thread);
}

void thread_detach(ThreadState& thread) {
  BusyScope busy;
  end_agent(&thread);
}

void thread_discard(ThreadState& thread) {
  BusyScope busy;
  end_agent(&thread);
}

// Happens-before -------------------------------------------------------------------------------

namespace {

/// Releases to `object` in the way of `step`, and begins the next epoch.
void let_out(Address object, void (*step)(const ThreadState& thread, SyncVar& var)) {
  if (bypass() || !is_user_address(object)) return;
  ThreadState& thread = self();
  if (thread.ignore_sync > 0) return;
  BusyScope busy;
  if (!busy.entered()) return;
  SyncVar& var = sync_var(object);
  {
    SpinGuard guard(var.mutex);
    step(thread, var);
  }
  next_epoch(thread);
}

}  // namespace

void acquire(Address object) {
  if (bypass() || !is_user_address(object)) return;
  ThreadState& thread = self();
  if (thread.ignore_sync > 0) return;
  BusyScope busy;
  if (!busy.entered()) return;
  SyncVar* var = find_sync_var(object);
  if (var == nullptr) return;
  SpinGuard guard(var->mutex);
  acquire_from(thread, *var);
}

void release(Address object) { let_out(object, release_to); }
void release_merge(Address object) { let_out(object, merge_into); }

void sync_destroyed(Address address, std::size_t size) {
  if (bypass() || !is_user_address(address)) return;
  BusyScope busy;
  if (!busy.entered()) return;
  forget_sync_vars(address, size);
}

// Locks ----------------------------------------------------------------------------------------

void lock_acquired(Address lock, LockKind kind, bool shared, bool tried, Address pc) {
  if (bypass()) return;
  acquire(lock);
  if (!shared && kind == LockKind::kRwLock) acquire(readers_of(lock));
  {
    ThreadState& thread = self();
    BusyScope busy;
    if (!busy.entered()) return;
    add_lock(thread, {lock, shared});
  }
  leak::lock_taken(lock, kind_words(kind), mode_of(shared), tried ? hooks::LockHow::kTry : hooks::LockHow::kBlocking,
                   reinterpret_cast<const void*>(pc));
}

void lock_releasing(Address lock, LockKind, bool shared, Address) {
  if (bypass()) return;
  if (shared) {
    release_merge(readers_of(lock));
  } else {
    release(lock);
  }
  {
    ThreadState& thread = self();
    BusyScope busy;
    if (!busy.entered()) return;
    remove_lock(thread, lock);
  }
  leak::lock_given_back(lock, mode_of(shared));
}

void lock_destroyed(Address lock, Address) {
  sync_destroyed(lock, 2);
  if (!bypass()) leak::lock_gone(lock, 1);
}

// Memory ---------------------------------------------------------------------------------------

void range_read(Address address, std::size_t size, Address pc) {
  check_access_slow(address, size, AccessKind::kRead, false, pc);
}

void range_write(Address address, std::size_t size, Address pc) {
  check_access_slow(address, size, AccessKind::kWrite, false, pc);
}

void memory_mapped(Address address, std::size_t size) {
  if (size == 0 || bypass() || !is_user_address(address) || !is_user_address(address + size - 1)) return;
  BusyScope busy;
  if (!busy.entered()) return;
  forget_accesses(address, size);
  forget_sync_vars(address, size);
}

void memory_unmapped(Address address, std::size_t size) { memory_mapped(address, size); }

void block_allocated(Address address, std::size_t size, Address pc) {
  if (address == 0 || bypass()) return;
  ThreadState& thread = self();
  BusyScope busy;
  if (!busy.entered()) return;
  forget_accesses(address, size);
  forget_sync_vars(address, size);
  add_block(address, size, context_of(thread, pc), thread.agent);
}

void block_freeing(Address address, Address pc) {
  if (address == 0 || bypass()) return;
  std::size_t size = SIZE_MAX;
  {
    BusyScope busy;
    if (!busy.entered()) return;
    size = remove_block(address);
  }
  if (size == SIZE_MAX) return;
  check_free(address, size, pc);
  sync_destroyed(address, size);
  leak::lock_gone(address, size);
}

// Calls ----------------------------------------------------------------------------------------

void function_enter(Address pc) {
  if (!bypass()) push_frame(self(), pc);
}

void function_exit() {
  if (!bypass()) pop_frame(self());
}

std::size_t call_depth() {
  if (bypass()) return 0;
  ThreadState& thread = self();
  return static_cast<std::size_t>(thread.top - thread.bottom);
}

void restore_call_depth(std::size_t depth) {
  if (bypass()) return;
  ThreadState& thread = self();
  if (depth <= static_cast<std::size_t>(thread.top - thread.bottom)) thread.top = thread.bottom + depth;
}

// fork -----------------------------------------------------------------------------------------

void wait_for_fork() {
  // Step outside while the other thread forks.
  for (unsigned round = 0; fork_pending.load(std::memory_order_acquire); ++round) {
    --busy_depth;
    std::atomic_signal_fence(std::memory_order_seq_cst);
    relax(round + 64);
    ++busy_depth;
    std::atomic_signal_fence(std::memory_order_seq_cst);
  }
}

void before_fork() {
  if (bypass()) return;
  for (unsigned round = 0; fork_pending.exchange(true); ++round) relax(round);
  // The others' busy_depth is a plain store for them; this makes it visible to us, and our flag to them.
  system_call(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0);
  os_threads_mutex.lock();
  for (OsThread* thread = os_threads; thread != nullptr; thread = thread->next) {
    if (thread == &own_os_thread) continue;
    for (unsigned round = 0; __atomic_load_n(thread->busy_depth, __ATOMIC_ACQUIRE) != 0; ++round) relax(round);
  }
}

void after_fork_in_parent() {
  if (bypass() || !fork_pending.load(std::memory_order_relaxed)) return;
  os_threads_mutex.unlock();
  fork_pending.store(false, std::memory_order_release);
}

void after_fork_in_child() {
  if (bypass() || !fork_pending.load(std::memory_order_relaxed)) return;
  // Only this thread is left.
  os_threads = own_os_thread.busy_depth != nullptr ? &own_os_thread : nullptr;
  own_os_thread.next = own_os_thread.previous = nullptr;
  os_threads_mutex.unlock();
  fork_pending.store(false, std::memory_order_release);
  forget_reports();
  ended.store(false);
  report::begin({.detector = true, .runtime = false});
}

}  // namespace csp::race
