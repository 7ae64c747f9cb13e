// The state word
//   31 ........ 2   1        0
//   readers         queued   writer
//
//   readers  How many hold the lock for reading.
//   queued   Somebody is in line. Newcomers go to the end of theirs, so a waiting writer keeps readers out.
//            Changed under the bucket's lock only.
//   writer   Held for writing.
//
// Writers wait in one line and readers in another, both in the bucket of the mutex. Whoever lets go hands the lock over
// before it wakes anyone: the last reader to the first writer; a writer to all the readers that wait, else to the next
// writer. So the woken never compete, and neither side can starve the other.
//
// Happens-before uses two addresses, as Go's RWMutex. Writers release to the mutex's own, from which everyone acquires;
// readers add to unlocks_, from which writers alone acquire.

#include "csp/rw_mutex.h"

#include "base/fatal.h"
#include "csp/hooks.h"
#include "sync/wait_table.h"

namespace csp {

using hooks::announce;
using hooks::LockHow;
using hooks::LockMode;
using hooks::Observer;

namespace {

using State = std::atomic<std::uint32_t>;

constexpr std::uint32_t kWriter = 1;
constexpr std::uint32_t kQueued = 2;
constexpr std::uint32_t kReader = 4;  // One of them.

constexpr std::uint32_t readers(std::uint32_t state) { return state / kReader; }

// The two lines. The addresses only have to differ.
const void* writers_line(const State& state) { return reinterpret_cast<const char*>(&state) + 1; }
const void* readers_line(const State& state) { return reinterpret_cast<const char*>(&state) + 2; }

bool try_read(State& state) {
  std::uint32_t seen = state.load(std::memory_order_relaxed);
  while ((seen & (kWriter | kQueued)) == 0) {
    // acquire: pairs with the release in a writer's unlock.
    if (state.compare_exchange_weak(seen, seen + kReader, std::memory_order_acquire, std::memory_order_relaxed)) {
      return true;
    }
  }
  return false;
}

bool try_write(State& state) {
  std::uint32_t free = 0;
  // acquire: pairs with the releases in both kinds of unlock.
  return state.compare_exchange_strong(free, kWriter, std::memory_order_acquire, std::memory_order_relaxed);
}

// Under the bucket's lock: takes the lock if `attempt` can, else marks the state queued, so that whoever lets go comes
// here.
bool try_or_mark(State& state, bool (*attempt)(State&)) {
  while (!attempt(state)) {
    std::uint32_t seen = state.load(std::memory_order_relaxed);
    if ((seen & kQueued) != 0) return false;
    const bool held = (seen & kWriter) != 0 || readers(seen) != 0;
    if (held && state.compare_exchange_weak(seen, seen | kQueued, std::memory_order_relaxed)) return false;
  }
  return true;
}

[[gnu::noinline]] void wait(State& state, bool (*attempt)(State&), const void* line, hooks::WaitReason reason,
                            const void* pc) {
  rt::WaitBucket& bucket = rt::bucket_of(&state);
  bucket.lock.lock();
  if (try_or_mark(state, attempt)) {
    bucket.lock.unlock();
    return;
  }
  rt::LineWaiter self(line);
  self.strand = &rt::current_strand();
  bucket.push_back(self);
  rt::park(reason, &state, bucket.lock, pc);  // Whoever wakes us has given us the lock.
}

// With the bucket's lock held and nobody holding the lock itself: makes it the first writer's. Null when none waits.
rt::LineWaiter* grant_writer(State& state, rt::WaitBucket& bucket) {
  rt::LineWaiter* writer = bucket.pop_front(writers_line(state));
  if (writer == nullptr) return nullptr;
  const bool more = bucket.front(writers_line(state)) != nullptr || bucket.front(readers_line(state)) != nullptr;
  // acquire: what readers before us released, so that it reaches the writer too.
  state.exchange(kWriter | (more ? kQueued : 0), std::memory_order_acq_rel);
  return writer;
}

// Likewise, for all the readers that wait.
rt::LineWaiter* grant_readers(State& state, rt::WaitBucket& bucket) {
  rt::LineWaiter* chain = bucket.pop_all(readers_line(state));
  if (chain == nullptr) return nullptr;
  std::uint32_t count = 0;
  for (rt::LineWaiter* reader = chain; reader != nullptr; reader = reader->next) ++count;
  const bool more = bucket.front(writers_line(state)) != nullptr;
  state.store(count * kReader | (more ? kQueued : 0), std::memory_order_release);
  return chain;
}

}  // namespace

void ReadLocker::lock() { mutex_->lock_shared(); }
void ReadLocker::unlock() { mutex_->unlock_shared(); }

RwMutex::~RwMutex() { announce(&Observer::lock_destroyed, static_cast<const void*>(this)); }

void RwMutex::lock() {
  const void* pc = __builtin_return_address(0);
  if (!try_write(state_)) {
    wait(state_, try_write, writers_line(state_), hooks::WaitReason::kRwMutexLock, pc);
  }
  announce(&Observer::acquire, this);
  announce(&Observer::acquire, static_cast<const void*>(&unlocks_));
  announce(&Observer::locked, this, LockMode::kExclusive, LockHow::kBlocking, pc);
}

bool RwMutex::try_lock() {
  if (!try_write(state_)) return false;
  announce(&Observer::acquire, this);
  announce(&Observer::acquire, static_cast<const void*>(&unlocks_));
  announce(&Observer::locked, this, LockMode::kExclusive, LockHow::kTry, __builtin_return_address(0));
  return true;
}

void RwMutex::unlock() {
  announce(&Observer::unlocked, this, LockMode::kExclusive);
  announce(&Observer::release, this);
  std::uint32_t seen = kWriter;
  // release: pairs with the acquires in try_read() and try_write().
  if (state_.compare_exchange_strong(seen, 0, std::memory_order_release, std::memory_order_relaxed)) return;
  if ((seen & kWriter) == 0) rt::fatal("sync: Unlock of unlocked RWMutex");

  rt::WaitBucket& bucket = rt::bucket_of(&state_);
  bucket.lock.lock();
  rt::LineWaiter* chain = grant_readers(state_, bucket);
  if (chain == nullptr) chain = grant_writer(state_, bucket);
  bucket.lock.unlock();
  rt::ready_all(chain);
}

void RwMutex::lock_shared() {
  const void* pc = __builtin_return_address(0);
  if (!try_read(state_)) wait(state_, try_read, readers_line(state_), hooks::WaitReason::kRwMutexRLock, pc);
  announce(&Observer::acquire, this);
  announce(&Observer::locked, this, LockMode::kShared, LockHow::kBlocking, pc);
}

bool RwMutex::try_lock_shared() {
  if (!try_read(state_)) return false;
  announce(&Observer::acquire, this);
  announce(&Observer::locked, this, LockMode::kShared, LockHow::kTry, __builtin_return_address(0));
  return true;
}

void RwMutex::unlock_shared() {
  announce(&Observer::unlocked, this, LockMode::kShared);
  announce(&Observer::release_merge, static_cast<const void*>(&unlocks_));
  std::uint32_t seen = state_.load(std::memory_order_relaxed);
  do {
    if (readers(seen) == 0) rt::fatal("sync: RUnlock of unlocked RWMutex");
    if (readers(seen) == 1 && (seen & kQueued) != 0) break;
    // release: pairs with the acquire in try_write().
  } while (!state_.compare_exchange_weak(seen, seen - kReader, std::memory_order_release, std::memory_order_relaxed));
  if (readers(seen) != 1 || (seen & kQueued) == 0) return;

  // We are the last reader, and stay it: while somebody is queued no other gets in. Readers are queued behind writers
  // only, so a writer waits.
  rt::WaitBucket& bucket = rt::bucket_of(&state_);
  bucket.lock.lock();
  rt::LineWaiter* writer = grant_writer(state_, bucket);
  bucket.lock.unlock();
  if (writer != nullptr) rt::ready_all(writer);
}

}  // namespace csp
