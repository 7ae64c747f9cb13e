#include "sched/goroutine.h"

#include <new>

#include <sys/mman.h>

#include "base/fatal.h"
#include "base/private_data.h"
#include "base/spin_lock.h"
#include "sched/run_queue.h"

namespace csp::rt {
namespace {

constexpr std::size_t kRecordsPerChunk = 256;

/// Records come in chunks, linked so that all can be visited.
struct Chunk {
  Chunk* next;
  Goroutine records[kRecordsPerChunk];
};

struct Store {
  SpinLock lock;
  Goroutine* free = nullptr;
  std::atomic<Chunk*> chunks{nullptr};
  std::atomic<std::size_t> live{0};
  std::atomic<std::uint64_t> next_id{2};
};

CSP_PRIVATE_DATA constinit Store store;

/// Needs the store's lock.
void grow() {
  void* memory = mmap(nullptr, sizeof(Chunk), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) fatal("out of memory for goroutines");
  Chunk* chunk = new (memory) Chunk;
  for (std::size_t i = kRecordsPerChunk; i-- > 0;) {
    chunk->records[i].is_goroutine = true;
    chunk->records[i].next = store.free;
    store.free = &chunk->records[i];
  }
  chunk->next = store.chunks.load(std::memory_order_relaxed);
  // release: pairs with the acquire of visitors, who take no lock.
  store.chunks.store(chunk, std::memory_order_release);
}

}  // namespace

Goroutine* allocate_goroutine() {
  store.lock.lock();
  if (store.free == nullptr) grow();
  Goroutine* goroutine = store.free;
  store.free = goroutine->next;
  store.lock.unlock();
  store.live.fetch_add(1, std::memory_order_relaxed);
  goroutine->next = nullptr;
  goroutine->state.store(GoroutineState::kMade, std::memory_order_relaxed);
  return goroutine;
}

void free_goroutine(Goroutine* goroutine) {
  goroutine->state.store(GoroutineState::kFree, std::memory_order_relaxed);
  goroutine->agent = {};
  goroutine->is_main = false;
  goroutine->context = {};
  goroutine->stack = {};
  goroutine->reason = hooks::WaitReason::kNone;
  store.live.fetch_sub(1, std::memory_order_relaxed);
  store.lock.lock();
  goroutine->next = store.free;
  store.free = goroutine;
  store.lock.unlock();
}

void for_each_record(void (*visit)(void* context, Goroutine& goroutine), void* context) {
  for (Chunk* chunk = store.chunks.load(std::memory_order_acquire); chunk != nullptr; chunk = chunk->next) {
    for (Goroutine& goroutine : chunk->records) visit(context, goroutine);
  }
}

void for_each_record_range(void (*visit)(void* context, const void* low, const void* high), void* context) {
  for (Chunk* chunk = store.chunks.load(std::memory_order_acquire); chunk != nullptr; chunk = chunk->next) {
    visit(context, chunk, chunk + 1);
  }
}

SpinLock& goroutine_store_lock() { return store.lock; }

void forget_goroutines_but(Goroutine* survivor) {
  for_each_record(
      [](void* context, Goroutine& goroutine) {
        if (&goroutine == context || goroutine.state.load(std::memory_order_relaxed) == GoroutineState::kFree) return;
        goroutine.state.store(GoroutineState::kMade, std::memory_order_relaxed);
      },
      survivor);
  if (survivor != nullptr) survivor->waiter = nullptr;  // The thread in run() is gone too.
  store.live.store(survivor != nullptr ? 1 : 0, std::memory_order_relaxed);
}

std::size_t goroutine_count() { return store.live.load(std::memory_order_relaxed); }

std::uint64_t next_goroutine_id() { return store.next_id.fetch_add(1, std::memory_order_relaxed); }

void GoroutineList::push(Goroutine* goroutine) {
  goroutine->next = nullptr;
  (tail_ != nullptr ? tail_->next : head_) = goroutine;
  tail_ = goroutine;
  ++size_;
}

Goroutine* GoroutineList::pop() { return empty() ? nullptr : take(0); }

Goroutine* GoroutineList::take(std::uint32_t index) {
  Goroutine* before = nullptr;
  Goroutine* taken = head_;
  for (; index > 0; --index) {
    before = taken;
    taken = taken->next;
  }
  (before != nullptr ? before->next : head_) = taken->next;
  if (tail_ == taken) tail_ = before;
  --size_;
  taken->next = nullptr;
  return taken;
}

}  // namespace csp::rt
