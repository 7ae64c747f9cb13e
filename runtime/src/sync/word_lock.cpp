#include "sync/word_lock.h"

#include "csp/go.h"
#include "sync/wait_table.h"
#include "time/timer_heap.h"

namespace csp::rt::word_lock {
namespace {

constexpr std::uint32_t kLocked = 1;
constexpr std::uint32_t kQueued = 2;
constexpr std::uint32_t kWoken = 4;

constexpr Nanoseconds kStarvingNs = 1'000'000;
constexpr std::uint32_t kLossesMax = 16;

constexpr int kSpinsMax = 4;
constexpr int kPausesPerSpin = 30;

void pause_briefly() {
  for (int i = 0; i < kPausesPerSpin; ++i) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    asm volatile("yield");
#endif
  }
}

bool starving(const LineWaiter& waiter) {
  return waiter.losses >= kLossesMax || now_ns() - waiter.since_ns >= kStarvingNs;
}

// Puts the caller in line and parks it, unless the lock came free meanwhile. `was_woken`: the word's woken bit is ours.
// Returns false when the lock should be tried again without having waited.
bool wait_in_line(Word& word, LineWaiter& self, bool was_woken, const void* pc) {
  WaitBucket& bucket = bucket_of(&word);
  bucket.lock.lock();
  std::uint32_t state = word.load(std::memory_order_relaxed);
  do {
    if ((state & kLocked) == 0) {
      bucket.lock.unlock();
      return false;
    }
  } while (
      !word.compare_exchange_weak(state, (was_woken ? state & ~kWoken : state) | kQueued, std::memory_order_relaxed));
  self.strand = &current_strand();
  if (was_woken) {
    ++self.losses;
    bucket.push_front(self);
  } else {
    self.since_ns = now_ns();
    bucket.push_back(self);
  }
  park(hooks::WaitReason::kMutexLock, &word, bucket.lock, pc);
  return true;
}

[[gnu::noinline]] void lock_slow(Word& word, const void* pc) {
  LineWaiter self(&word);
  bool was_woken = false;
  int spins = procs() > 1 ? 0 : kSpinsMax;  // Alone, spinning only delays the holder.
  for (;;) {
    std::uint32_t state = word.load(std::memory_order_relaxed);
    if ((state & kLocked) == 0) {
      const std::uint32_t taken = (was_woken ? state & ~kWoken : state) | kLocked;
      // acquire: pairs with the release in unlock().
      if (word.compare_exchange_weak(state, taken, std::memory_order_acquire, std::memory_order_relaxed)) return;
    } else if (spins < kSpinsMax) {
      ++spins;
      pause_briefly();
    } else if (wait_in_line(word, self, was_woken, pc)) {
      if (self.granted) return;
      was_woken = true;
    }
  }
}

// The holder gives up `word`, at which somebody is in line and nobody is on the way.
[[gnu::noinline]] bool unlock_and_wake(Word& word) {
  WaitBucket& bucket = bucket_of(&word);
  bucket.lock.lock();
  if ((word.load(std::memory_order_relaxed) & kLocked) == 0) {  // Two strands unlock it at once.
    bucket.lock.unlock();
    return false;
  }
  LineWaiter* next = bucket.pop_front(&word);
  Strand* strand = nullptr;
  std::uint32_t state = 0;
  if (next != nullptr) {
    next->granted = starving(*next);
    state = (next->granted ? kLocked : kWoken) | (bucket.front(&word) != nullptr ? kQueued : 0);
    strand = next->strand;
  }
  // A plain store: nobody else changes the word now. kLocked is ours, kQueued needs the bucket's lock, and kWoken is
  // clear. release: pairs with the acquire in try_lock() and lock_slow().
  word.store(state, std::memory_order_release);
  bucket.lock.unlock();
  if (strand != nullptr) ready(*strand);
  return true;
}

}  // namespace

void lock(Word& word, const void* pc) {
  if (!try_lock(word)) lock_slow(word, pc);
}

bool try_lock(Word& word) {
  std::uint32_t state = word.load(std::memory_order_relaxed);
  // acquire: pairs with the release in unlock(). Strong: try_lock() must not fail on a free lock.
  return (state & kLocked) == 0 &&
         word.compare_exchange_strong(state, state | kLocked, std::memory_order_acquire, std::memory_order_relaxed);
}

bool unlock(Word& word) {
  std::uint32_t state = kLocked;
  // release: pairs with the acquire in try_lock() and lock_slow().
  while (!word.compare_exchange_weak(state, state & ~kLocked, std::memory_order_release, std::memory_order_relaxed)) {
    if ((state & kLocked) == 0) return false;
    if ((state & (kQueued | kWoken)) == kQueued) return unlock_and_wake(word);
  }
  return true;
}

}  // namespace csp::rt::word_lock
