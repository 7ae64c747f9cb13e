#include "csp/leak/leak_tracker.h"

#include <ctime>

#include "agents.h"
#include "channels.h"
#include "csp/inspect.h"
#include "csp/report/report.h"
#include "csp/report/system.h"
#include "findings.h"
#include "leak_finder.h"
#include "lock_order.h"

extern "C" {
extern char** environ;
extern void* __dso_handle;
int __cxa_atexit(void (*function)(void*), void* argument, void* object);
}

namespace csp::leak {
namespace {

using hooks::Agent;
using hooks::LockHow;
using hooks::LockMode;

constinit std::atomic<const HeapIndex*> heap_index{nullptr};
constinit std::atomic<bool> listening{false};
constinit std::atomic<bool> by_detector{false};
constinit std::atomic<bool> exit_registered{false};
constinit std::atomic<bool> exit_registered_after_run{false};
constinit std::atomic<bool> looked_at_exit{false};
constinit std::atomic<bool> dying{false};
constinit std::atomic<long> process{0};  // Who we were when we began to listen.

// One look at the process at a time; goroutines are frozen meanwhile, so nobody waits here for long.
constinit SpinMutex finder_lock;
union Immortal {
  constexpr Immortal() : finder() {}
  ~Immortal() {}
  LeakFinder finder;
};
constinit Immortal immortal;

const char* environment_variable(const char* name) {
  if (environ == nullptr) return nullptr;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    std::size_t i = 0;
    while (name[i] != '\0' && (*entry)[i] == name[i]) ++i;
    if (name[i] == '\0' && (*entry)[i] == '=') return *entry + i + 1;
  }
  return nullptr;
}

LeakPolicy policy() {
  const char* value = environment_variable("CSP_RACE_LEAKS");
  if (value == nullptr) return LeakPolicy::kProven;
  if (report::equal(value, "all")) return LeakPolicy::kAll;
  if (report::equal(value, "off")) return LeakPolicy::kOff;
  return LeakPolicy::kProven;
}

// Calls `look(stack_pointer)` with the caller's registers on the stack above `stack_pointer`, and our own frames below
// it.
template <class Look>
[[gnu::noinline]] auto with_registers_on_stack(Look look) {
  __builtin_unwind_init();
  std::uintptr_t stack_pointer;
#if defined(__x86_64__)
  __asm__ volatile("mov %%rsp, %0" : "=r"(stack_pointer));
#elif defined(__aarch64__)
  __asm__ volatile("mov %0, sp" : "=r"(stack_pointer));
#endif
  return look(stack_pointer);
}

// At exit -----------------------------------------------------------------------------------------

bool somebody_runs(const Snapshot& snapshot) {
  for (const Goroutine& goroutine : snapshot.goroutines) {
    if (goroutine.state == hooks::GoroutineState::kRunnable) return true;
  }
  return false;
}

void look_at_exit(std::uintptr_t stack_pointer) {
  const hooks::Inspector* inspector = hooks::inspector();
  const LeakPolicy leaks = policy();
  if (inspector == nullptr || leaks == LeakPolicy::kOff) return;
  SpinGuard guard(finder_lock);
  LeakFinder& finder = immortal.finder;
  // A goroutine that main started last has perhaps not run yet: it gets a moment to end, or to block.
  constexpr int kLooks = 6;
  constexpr timespec kMoment = {.tv_sec = 0, .tv_nsec = 10'000'000};
  for (int look = 1; look <= kLooks; ++look) {
    finder.find(*inspector, heap_index.load(std::memory_order_acquire), Moment::kExit, stack_pointer);
    if (look == kLooks || !somebody_runs(finder.snapshot())) break;
    report::system_call(SYS_nanosleep, &kMoment, nullptr);
  }
  publish_leaks(finder, leaks);
}

void at_exit(void* /*argument*/) {
  // A forked child has the goroutines' records but not the threads that run them.
  if (report::system_call(SYS_getpid) != process.load(std::memory_order_relaxed)) return;
  if (dying.load(std::memory_order_relaxed) || looked_at_exit.exchange(true)) return;
  with_registers_on_stack([](std::uintptr_t stack_pointer) { look_at_exit(stack_pointer); });
}

// Functions registered last run first. So this one, registered when the first goroutine is made, and again when the
// first csp::run has returned, sees the process before destructors of globals have destroyed what goroutines wait on.
void register_at_exit(std::atomic<bool>& done) {
  if (done.load(std::memory_order_relaxed) || done.exchange(true)) return;
  __cxa_atexit(at_exit, nullptr, &__dso_handle);
}

// The last word, without a detector that has one of its own: registered before everything else.
void at_very_end(void* /*argument*/) {
  if (by_detector.load(std::memory_order_relaxed)) return;
  report::add_totals({.goroutines = goroutines_created()});
  report::end();
}

// What the runtime announces ----------------------------------------------------------------------

void on_created(Agent* child, Agent* parent, const void* pc) {
  register_at_exit(exit_registered);
  agent_created(child, parent, pc);
}

void on_detached(Agent* /*agent*/) { thread_gone(); }

void on_suspended(Agent* /*agent*/) { agent_suspended(); }

void on_locked(const void* lock, LockMode mode, LockHow how, const void* pc) {
  lock_taken(reinterpret_cast<std::uintptr_t>(lock), "mutex", mode, how, pc);
}

void on_unlocked(const void* lock, LockMode mode) { lock_given_back(reinterpret_cast<std::uintptr_t>(lock), mode); }

void on_lock_destroyed(const void* lock) { lock_gone(reinterpret_cast<std::uintptr_t>(lock), 1); }

void on_channel_made(const void* channel, std::size_t /*capacity*/, const void* pc) {
  channel_made(reinterpret_cast<std::uintptr_t>(channel), reinterpret_cast<std::uintptr_t>(pc));
}

void on_channel_destroyed(const void* channel) { channel_gone(reinterpret_cast<std::uintptr_t>(channel)); }

void on_run_returned() { register_at_exit(exit_registered_after_run); }

void on_died(hooks::Death death, const char* message) {
  if (dying.exchange(true)) return;
  if (death == hooks::Death::kDeadlock) {
    const hooks::Inspector* inspector = hooks::inspector();
    Snapshot snapshot;
    if (inspector != nullptr) snapshot.take(*inspector);
    publish_deadlock(snapshot, message);
  } else {
    StoredStack stack;
    capture_stack(stack, nullptr);
    publish_death(current_agent(), stack.view(), message);
  }
  at_very_end(nullptr);
}

constinit hooks::Observer observer = {};

void listen() {
  if (listening.exchange(true)) return;
  process.store(report::system_call(SYS_getpid), std::memory_order_relaxed);
  observer = hooks::kSilent;
  observer.goroutine_created = on_created;
  observer.goroutine_ended = agent_ended;
  observer.goroutine_resumed = agent_resumed;
  observer.goroutine_suspended = on_suspended;
  observer.thread_detached = on_detached;
  observer.locked = on_locked;
  observer.unlocked = on_unlocked;
  observer.lock_destroyed = on_lock_destroyed;
  observer.channel_made = on_channel_made;
  observer.channel_destroyed = on_channel_destroyed;
  observer.run_returned = on_run_returned;
  observer.died = on_died;
  set_slot(hooks::install(&observer));
  __cxa_atexit(at_very_end, nullptr, &__dso_handle);
}

// When asked ---------------------------------------------------------------------------------------

std::size_t prove(std::uint64_t* ids, std::size_t capacity) {
  return with_registers_on_stack([&](std::uintptr_t stack_pointer) -> std::size_t {
    const hooks::Inspector* inspector = hooks::inspector();
    if (inspector == nullptr) return 0;
    SpinGuard guard(finder_lock);
    LeakFinder& finder = immortal.finder;
    if (!finder.find(*inspector, heap_index.load(std::memory_order_acquire), Moment::kRunning, stack_pointer)) return 0;
    std::size_t count = 0;
    for (std::size_t i = 0; i < finder.snapshot().goroutines.size(); ++i) {
      if (!finder.leaked(i)) continue;
      if (count < capacity) ids[count] = finder.snapshot().goroutines[i].id;
      ++count;
    }
    return count;
  });
}

constinit const hooks::Prover prover = {prove};

// Before constructors of the program: its first goroutine must be announced.
[[gnu::constructor(101)]] void start_by_itself() { start(Host::kRuntime); }

}  // namespace

void start(Host host) {
  hooks::offer(&prover);
  if (host == Host::kDetector) {
    by_detector.store(true, std::memory_order_relaxed);
    listen();
    return;
  }
  const char* record = environment_variable("CSP_RACE_RECORD");
  if (record == nullptr || record[0] == '\0') return;
  report::begin({.detector = false, .runtime = true});
  listen();
}

void offer_heap(const HeapIndex* index) { heap_index.store(index, std::memory_order_release); }

}  // namespace csp::leak

void csp_leak_register() {}
