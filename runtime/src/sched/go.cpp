#include "csp/go.h"

#include <cstdlib>
#include <new>

#include <sched.h>

#include "sched/foreign_thread.h"
#include "sched/scheduler.h"

namespace csp {

PanicError::~PanicError() = default;

void panic(const char* message) { throw PanicError(message); }

namespace detail {

using rt::Goroutine;

NewGoroutine make_goroutine(const GoOptions& options, std::size_t closure_size, std::size_t closure_alignment) {
  rt::ensure_started();
  Goroutine* goroutine = rt::allocate_goroutine();
  goroutine->stack_size = options.stack_size;
  // Before anything can throw, so that the record can be given back.
  goroutine->closure = nullptr;
  goroutine->closure_size = closure_size;
  goroutine->closure_alignment = closure_alignment;
  try {
    if (!options.name.empty()) {
      goroutine->name = static_cast<char*>(::operator new(options.name.size() + 1));
      for (std::size_t i = 0; i < options.name.size(); ++i) goroutine->name[i] = options.name[i];
      goroutine->name[options.name.size()] = '\0';
    }
    // To a detector, records that are used again are memory that two goroutines touch without order;
    // while one listens closures live in memory it follows.
    const bool fits = closure_size <= Goroutine::kInlineClosure && closure_alignment <= alignof(std::max_align_t);
    goroutine->closure = fits && hooks::observer() == nullptr
                             ? goroutine->inline_closure
                             : ::operator new (closure_size, std::align_val_t{closure_alignment});
  } catch (...) {
    abandon_goroutine({goroutine, nullptr});
    throw;
  }
  return {goroutine, goroutine->closure};
}

void abandon_goroutine(NewGoroutine made) {
  auto* goroutine = static_cast<Goroutine*>(made.record);
  if (goroutine->closure != nullptr && goroutine->closure != goroutine->inline_closure) {
    ::operator delete (goroutine->closure, std::align_val_t{goroutine->closure_alignment});
  }
  ::operator delete(goroutine->name);
  goroutine->name = nullptr;
  rt::free_goroutine(goroutine);
}

namespace {

void announce_and_enqueue(Goroutine* goroutine, const void* pc) {
  hooks::Agent* parent = nullptr;
  if (rt::this_goroutine() != nullptr || rt::this_machine() == nullptr) parent = &rt::current_strand().agent;
  goroutine->created_pc = pc;
  goroutine->parent = parent != nullptr ? parent->id : 0;
  if (goroutine->name != nullptr) goroutine->agent.name = goroutine->name;
  hooks::announce(&hooks::Observer::goroutine_created, &goroutine->agent, parent, pc);
  goroutine->state.store(rt::GoroutineState::kRunnable, std::memory_order_release);
  rt::enqueue(goroutine, rt::Place::kNext);
}

}  // namespace

void start_goroutine(NewGoroutine made, void (*invoke)(void* closure)) {
  auto* goroutine = static_cast<Goroutine*>(made.record);
  goroutine->invoke = invoke;
  goroutine->agent.id = rt::next_goroutine_id();
  announce_and_enqueue(goroutine, __builtin_return_address(0));
}

namespace {

/// What run() hands to its main goroutine. Lives in the frame of run_main.
struct MainCall {
  int (*invoke)(void* closure);
  void* closure;
  int status = 0;
};

void invoke_main(void* argument) {
  auto* call = static_cast<MainCall*>(argument);
  call->status = call->invoke(call->closure);
  hooks::announce(&hooks::Observer::run_returned);
  // In the child of a fork() by main nobody waits for it: the thread that called run is not there. It ends as a main
  // does.
  if (rt::this_goroutine()->waiter == nullptr) std::exit(call->status);
  // What main did happens before what follows run().
  hooks::announce(&hooks::Observer::release, static_cast<const void*>(call));
}

}  // namespace

int run_main(int (*invoke)(void* closure), void* closure) {
  if (rt::this_goroutine() != nullptr) panic("csp::run called from a goroutine");
  MainCall call{.invoke = invoke, .closure = closure};
  rt::ForeignThread& self = rt::this_foreign_thread();
  Goroutine* main = rt::allocate_goroutine();
  main->is_main = true;
  main->agent.id = 1;
  main->stack_size = GoOptions{}.stack_size;
  main->invoke = invoke_main;
  main->closure = &call;
  main->closure_size = sizeof(call);
  main->waiter = &self;
  hooks::announce(&hooks::Observer::goroutine_created, &main->agent, &self.agent, static_cast<const void*>(nullptr));
  main->created_pc = nullptr;
  main->parent = 0;
  // Main is let go as if it were a lock: when the thread counts as parked, for main's end makes it ready.
  main->state.store(rt::GoroutineState::kRunnable, std::memory_order_release);
  rt::park_with(
      hooks::WaitReason::kMainWait, nullptr,
      [](void* goroutine) { rt::enqueue(static_cast<Goroutine*>(goroutine), rt::Place::kLast); }, main,
      __builtin_return_address(0));
  hooks::announce(&hooks::Observer::acquire, static_cast<const void*>(&call));
  return call.status;
}

void begin_blocking() {
  if (rt::this_goroutine() != nullptr) rt::enter_blocking(__builtin_return_address(0));
}

void end_blocking() {
  if (rt::this_goroutine() != nullptr) rt::exit_blocking();
}

}  // namespace detail

void yield() {
  if (rt::this_goroutine() != nullptr) {
    rt::yield_goroutine();
  } else {
    sched_yield();
  }
}

void goexit() {
  if (rt::this_goroutine() == nullptr) panic("csp::goexit called on a thread that is no goroutine");
  throw detail::Goexit{};
}

std::size_t num_goroutines() { return rt::goroutine_count(); }

int procs() {
  rt::ensure_started();
  return rt::scheduler.processor_count.load(std::memory_order_relaxed);
}

int set_procs(int n) { return n > 0 ? rt::set_processor_count(n) : procs(); }

std::uint64_t goroutine_id() {
  const rt::Goroutine* goroutine = rt::this_goroutine();
  return goroutine != nullptr ? goroutine->agent.id : 0;
}

}  // namespace csp
