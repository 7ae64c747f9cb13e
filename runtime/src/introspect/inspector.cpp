#include "introspect/inspector.h"

#include <time.h>

#include "base/futex.h"
#include "base/private_data.h"
#include "chan/channel_core.h"
#include "csp/inspect.h"
#include "introspect/trace.h"
#include "machine/stack.h"
#include "sched/scheduler.h"

namespace csp::rt {
namespace {

/// Real time: the clock of the runtime may be virtual.
std::int64_t steady_ns() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1'000'000'000 + now.tv_nsec;
}

bool others_run(const Goroutine* self) {
  for (Machine* it = scheduler.machines.load(std::memory_order_acquire); it != nullptr; it = it->next) {
    const Goroutine* current = it->current.load(std::memory_order_acquire);
    if (current != nullptr && current != self) return true;
  }
  return false;
}

struct Visit {
  void (*visit)(void* context, const hooks::GoroutineView& view);
  void* context;
};

void view_goroutine(void* argument, Goroutine& goroutine) {
  constexpr std::size_t kChannelsMax = 256;  // A select over more shows the first of them.
  const auto& visit = *static_cast<Visit*>(argument);
  const GoroutineState state = goroutine.state.load(std::memory_order_acquire);
  const bool waits = state == GoroutineState::kParked || state == GoroutineState::kBlocking;
  const bool at_rest = state == GoroutineState::kParked || state == GoroutineState::kRunnable;

  const void* waiting_on[kChannelsMax];
  std::size_t count = 0;
  if (waits && goroutine.waiting_on != nullptr) waiting_on[count++] = goroutine.waiting_on;
  for (std::size_t i = 0; waits && i < goroutine.case_count && count < kChannelsMax; ++i) {
    if (goroutine.cases[i].channel != nullptr) waiting_on[count++] = goroutine.cases[i].channel;
  }

  Trace trace;
  capture(goroutine, trace);
  const hooks::WaitReason reason = waits ? goroutine.reason : hooks::WaitReason::kNone;
  const char* low = static_cast<const char*>(goroutine.stack.bounds.low);
  visit.visit(visit.context,
              hooks::GoroutineView{
                  .agent = &goroutine.agent,
                  .name = goroutine.agent.name,
                  .state = waits                               ? hooks::GoroutineState::kParked
                           : state == GoroutineState::kRunning ? hooks::GoroutineState::kRunning
                                                               : hooks::GoroutineState::kRunnable,
                  .reason = reason,
                  .waiting_on = waiting_on,
                  .waiting_on_count = count,
                  .waiting_ns = waits ? now_ns() - goroutine.parked_at : 0,
                  .timer_wakes = reason == hooks::WaitReason::kSleep || reason == hooks::WaitReason::kIo ||
                                 reason == hooks::WaitReason::kBlocking,
                  .stack = trace.pcs,
                  .stack_depth = trace.depth,
                  .created_pc = goroutine.created_pc,
                  .parent = goroutine.parent,
                  .stack_pointer = at_rest ? goroutine.context.position : nullptr,
                  .stack_low = low,
                  .stack_high = low != nullptr ? low + goroutine.stack.bounds.size : nullptr,
                  .closure = goroutine.closure,
                  .closure_size = goroutine.closure_size,
              });
}

void visit_all(void (*visit)(void* context, const hooks::GoroutineView& view), void* context) {
  Visit it{visit, context};
  for_each_goroutine(view_goroutine, &it);
}

/// Stacks are private as a whole: those in use are part of the views.
void visit_private(void (*visit)(void* context, const void* low, const void* high), void* context) {
  visit(context, __start_csp_private, __stop_csp_private);
  for (Machine* it = scheduler.machines.load(std::memory_order_acquire); it != nullptr; it = it->next) {
    // Goroutines run on stacks of their own: what a machine has on its is about goroutines, not for them.
    const void* end = it->frames_end.load(std::memory_order_acquire);
    if (end != nullptr) visit(context, it->stack.low, end);
  }
  for_each_stack_range(visit, context);
  for_each_record_range(visit, context);
}

constinit const hooks::Inspector inspector{freeze,   thaw, visit_all, visit_private, sizeof(detail::ChannelCore),
                                           is_sysmon};

}  // namespace

void offer_inspector() { hooks::offer(&inspector); }

static constinit std::atomic<std::uint32_t> inspecting{0};  // 1 from freeze to thaw. Futex.

bool freeze(std::int64_t timeout_ns) {
  // One at a time: two who visit the same stack would ruin it.
  while (inspecting.exchange(1, std::memory_order_acquire) != 0) futex_wait(inspecting, 1);
  scheduler.frozen.store(1);
  // Whoever resumes a goroutine does so under its processor's lock: after one turn of each, all see the flag.
  for (const auto& slot : scheduler.processors) {
    Processor* processor = slot.load(std::memory_order_acquire);
    if (processor == nullptr) break;
    processor->lock.lock();
    processor->lock.unlock();
  }
  const Goroutine* self = this_goroutine();
  const std::int64_t deadline = steady_ns() + timeout_ns;
  while (others_run(self)) {
    if (steady_ns() >= deadline) return false;
    constexpr timespec kNap{0, 20'000};
    nanosleep(&kNap, nullptr);
  }
  return true;
}

void thaw() {
  scheduler.frozen.store(0, std::memory_order_release);
  futex_wake(scheduler.frozen, INT32_MAX);
  inspecting.store(0, std::memory_order_release);
  futex_wake(inspecting, INT32_MAX);
}

}  // namespace csp::rt
