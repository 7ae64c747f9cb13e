// The public TSan interface for hand-made synchronisation: edges, mutexes, fibers, and the dynamic
// annotations. Programs already annotated for TSan work when linked with us.

#include "core/busy.h"
#include "core/detector.h"
#include "core/thread_state.h"

#define CSP_ABI extern "C" [[gnu::visibility("default")]]
#define CSP_CALLER reinterpret_cast<Address>(__builtin_return_address(0))

using namespace csp::race;

namespace {

Address at(const volatile void* address) { return reinterpret_cast<Address>(address); }

// sanitizer/tsan_interface.h
constexpr unsigned kMutexReadLock = 1u << 3;
constexpr unsigned kMutexTryLock = 1u << 4;
constexpr unsigned kMutexTryLockFailed = 1u << 5;
constexpr unsigned kFiberNoSync = 1u << 0;

// Fibers are numbered apart from goroutines and threads that the kernel knows; they are reported as threads.
constinit std::atomic<std::uint64_t> fibers{1u << 20};

}  // namespace

CSP_ABI void __tsan_acquire(void* object) { acquire(at(object)); }
CSP_ABI void __tsan_release(void* object) { release_merge(at(object)); }

CSP_ABI void __tsan_mutex_create(void*, unsigned) {}
CSP_ABI void __tsan_mutex_destroy(void* mutex, unsigned) { lock_destroyed(at(mutex), CSP_CALLER); }
CSP_ABI void __tsan_mutex_pre_lock(void*, unsigned) {}
CSP_ABI void __tsan_mutex_post_lock(void* mutex, unsigned options, int) {
  if ((options & kMutexTryLockFailed) != 0) return;
  lock_acquired(at(mutex), LockKind::kRwLock, (options & kMutexReadLock) != 0, (options & kMutexTryLock) != 0, CSP_CALLER);
}
CSP_ABI int __tsan_mutex_pre_unlock(void* mutex, unsigned options) {
  lock_releasing(at(mutex), LockKind::kRwLock, (options & kMutexReadLock) != 0, CSP_CALLER);
  return 0;
}
CSP_ABI void __tsan_mutex_post_unlock(void*, unsigned) {}
CSP_ABI void __tsan_mutex_pre_signal(void*, unsigned) {}
CSP_ABI void __tsan_mutex_post_signal(void*, unsigned) {}
CSP_ABI void __tsan_mutex_pre_divert(void*, unsigned) {}
CSP_ABI void __tsan_mutex_post_divert(void*, unsigned) {}

CSP_ABI void* __tsan_get_current_fiber() { return bypass() ? nullptr : &self(); }

CSP_ABI void* __tsan_create_fiber(unsigned) {
  if (bypass()) return nullptr;
  ThreadState& creator = self();
  BusyScope busy;
  const csp::report::AgentId id{csp::report::AgentId::Kind::kThread, fibers.fetch_add(1, std::memory_order_relaxed)};
  return make_agent(id, "fiber", &creator, context_of(creator, CSP_CALLER));
}

CSP_ABI void __tsan_destroy_fiber(void* fiber) {
  if (fiber == nullptr || bypass()) return;
  BusyScope busy;
  end_agent(static_cast<ThreadState*>(fiber));
}

CSP_ABI void __tsan_switch_to_fiber(void* fiber, unsigned flags) {
  if (fiber == nullptr || bypass()) return;
  auto* next = static_cast<ThreadState*>(fiber);
  ThreadState& current = self();
  BusyScope busy;
  if ((flags & kFiberNoSync) == 0) {
    next->clock.join(current.clock);
    next->clock.raise(current.now);
    next_epoch(current);
  }
  current_agent = next;
}

CSP_ABI void __tsan_set_fiber_name(void* fiber, const char* name) {
  if (fiber == nullptr || bypass()) return;
  char* to = static_cast<ThreadState*>(fiber)->agent->name;
  std::size_t i = 0;
  for (; i + 1 < sizeof(AgentRecord::name) && name[i] != 0; ++i) to[i] = name[i];
  to[i] = 0;
}

// Dynamic annotations, as Valgrind and Abseil spell them.
CSP_ABI void AnnotateHappensBefore(const char*, int, const volatile void* object) { release_merge(at(object)); }
CSP_ABI void AnnotateHappensAfter(const char*, int, const volatile void* object) { acquire(at(object)); }
CSP_ABI void AnnotateRWLockCreate(const char*, int, const volatile void*) {}
CSP_ABI void AnnotateRWLockCreateStatic(const char*, int, const volatile void*) {}
CSP_ABI void AnnotateRWLockDestroy(const char*, int, const volatile void* lock) { lock_destroyed(at(lock), CSP_CALLER); }
CSP_ABI void AnnotateRWLockAcquired(const char*, int, const volatile void* lock, std::intptr_t is_writer) {
  lock_acquired(at(lock), LockKind::kRwLock, is_writer == 0, false, CSP_CALLER);
}
CSP_ABI void AnnotateRWLockReleased(const char*, int, const volatile void* lock, std::intptr_t is_writer) {
  lock_releasing(at(lock), LockKind::kRwLock, is_writer == 0, CSP_CALLER);
}
CSP_ABI void AnnotateIgnoreReadsBegin(const char*, int) {
  if (!bypass()) ++self().ignore_reads_and_writes;
}
CSP_ABI void AnnotateIgnoreReadsEnd(const char*, int) {
  if (!bypass()) --self().ignore_reads_and_writes;
}
CSP_ABI void AnnotateIgnoreWritesBegin(const char*, int) {
  if (!bypass()) ++self().ignore_reads_and_writes;
}
CSP_ABI void AnnotateIgnoreWritesEnd(const char*, int) {
  if (!bypass()) --self().ignore_reads_and_writes;
}
CSP_ABI void AnnotateIgnoreSyncBegin(const char*, int) {
  if (!bypass()) ++self().ignore_sync;
}
CSP_ABI void AnnotateIgnoreSyncEnd(const char*, int) {
  if (!bypass()) --self().ignore_sync;
}
CSP_ABI void AnnotateNewMemory(const char*, int, const volatile void* memory, std::size_t size) {
  memory_mapped(at(memory), size);
}
CSP_ABI int RunningOnValgrind() { return 0; }
