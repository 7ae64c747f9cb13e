#include "core/thread_state.h"

#include "report/agents.h"

namespace csp::race {

__thread ThreadState* current_agent = nullptr;

namespace {
constexpr std::size_t kFirstFrames = 32;

void start_epoch(ThreadState& thread, Epoch epoch) {
  thread.now = epoch;
  thread.epoch_bits = ShadowWord::of(epoch, false, false, 0).bits();
}
}  // namespace

ThreadState* make_agent(report::AgentId id, const char* name, ThreadState* creator, ContextId creation) {
  auto* thread = make<ThreadState>();
  thread->agent = make<AgentRecord>();
  thread->agent->id = id;
  for (std::size_t i = 0; i + 1 < sizeof(AgentRecord::name) && name[i] != 0; ++i) thread->agent->name[i] = name[i];
  thread->agent->creation = creation;
  if (creator != nullptr) {
    thread->agent->creator = creator->agent;
    thread->creator = creator->now.tid;
    thread->clock.assign_release(creator->clock, creator->now);
    next_epoch(*creator);
  }
  start_epoch(*thread, take_identity(thread->creator, thread->clock, thread->agent));
  thread->bottom = thread->top = static_cast<Frame*>(allocate(kFirstFrames * sizeof(Frame)));
  thread->limit = thread->bottom + kFirstFrames;
  return thread;
}

void end_agent(ThreadState* thread) {
  thread->agent->ended = true;
  remove_stack(thread->agent);
  // Who takes the line over must know all that was released from it, and all accesses. The present epoch has released nothing.
  const Clock last = thread->last_access == thread->now.clock ? thread->now.clock : thread->now.clock - 1;
  return_identity(thread->creator, {thread->now.tid, last});
  deallocate(thread->bottom, static_cast<std::size_t>(thread->limit - thread->bottom) * sizeof(Frame));
  if (thread->fence_release != nullptr) unmake(thread->fence_release);
  if (thread->fence_acquire != nullptr) unmake(thread->fence_acquire);
  if (thread->final_clock != nullptr) unmake(thread->final_clock);
  if (thread->locks != nullptr) deallocate(thread->locks, thread->lock_capacity * sizeof(HeldLock));
  unmake(thread);
}

void next_epoch(ThreadState& thread) {
  if (CSP_LIKELY(thread.now.clock + 1 < kClockMax)) {
    start_epoch(thread, {thread.now.tid, thread.now.clock + 1});
    return;
  }
  // The line is used up: go on with a fresh one that knows all of it.
  thread.clock.raise(thread.now);
  thread.last_access = 0;
  start_epoch(thread, take_identity(Tid::kNone, thread.clock, thread.agent));
}

ContextId context_of(ThreadState& thread) {
  // Down to the nearest frame that is interned, then intern upwards from there.
  Frame* frame = thread.top;
  while (frame != thread.bottom && frame[-1].context == ContextId::kEmpty) --frame;
  ContextId context = frame == thread.bottom ? ContextId::kEmpty : frame[-1].context;
  for (; frame != thread.top; ++frame) {
    context = intern(context, frame->pc);
    frame->context = context;
  }
  return context;
}

ContextId context_of(ThreadState& thread, Address pc) { return intern(context_of(thread), pc); }

void grow_stack(ThreadState& thread) {
  const auto depth = static_cast<std::size_t>(thread.top - thread.bottom);
  const auto capacity = static_cast<std::size_t>(thread.limit - thread.bottom);
  auto* frames = static_cast<Frame*>(allocate(capacity * 2 * sizeof(Frame)));
  copy_bytes(frames, thread.bottom, depth * sizeof(Frame));
  deallocate(thread.bottom, capacity * sizeof(Frame));
  thread.bottom = frames;
  thread.top = frames + depth;
  thread.limit = frames + capacity * 2;
}

void add_lock(ThreadState& thread, HeldLock lock) {
  if (thread.lock_count == thread.lock_capacity) {
    const std::uint32_t capacity = thread.lock_capacity == 0 ? 8 : thread.lock_capacity * 2;
    auto* locks = static_cast<HeldLock*>(allocate(capacity * sizeof(HeldLock)));
    copy_bytes(locks, thread.locks, thread.lock_count * sizeof(HeldLock));
    if (thread.locks != nullptr) deallocate(thread.locks, thread.lock_capacity * sizeof(HeldLock));
    thread.locks = locks;
    thread.lock_capacity = capacity;
  }
  thread.locks[thread.lock_count++] = lock;
}

void remove_lock(ThreadState& thread, Address address) {
  for (std::uint32_t i = thread.lock_count; i > 0; --i) {
    if (thread.locks[i - 1].address != address) continue;
    for (std::uint32_t j = i; j < thread.lock_count; ++j) thread.locks[j - 1] = thread.locks[j];
    --thread.lock_count;
    return;
  }
}

}  // namespace csp::race
