#pragma once
// A lock in one word that parks its waiters: what Mutex is, without the announcements. SyncMap uses it
// bare, since its own lock must not order its users.
//
// The word
//   31 ....... 3   2       1        0
//   unused         woken   queued   locked
//
//   locked  Held. Belongs to no strand: whoever calls unlock() gives it up.
//   queued  Somebody is in line at the word's address. Changed under the bucket's lock only.
//   woken   One waiter has been taken out of the line and made ready, but has not run yet. Until it has,
//           unlock() wakes nobody else.
//
// Fairness is Go's: a newcomer may take the lock before a woken waiter, which is fast; a waiter that has
// waited for more than a millisecond, or lost kLossesMax times, gets the lock handed over still locked.
// The count bounds the wait where the clock stands still, under a seeded schedule.

#include <atomic>
#include <cstdint>

namespace csp::rt::word_lock {

using Word = std::atomic<std::uint32_t>;

/// Blocks until the caller holds the lock. `pc` as in park().
void lock(Word& word, const void* pc);
bool try_lock(Word& word);
/// False, and nothing done, when the lock was not held.
[[nodiscard]] bool unlock(Word& word);

}  // namespace csp::rt::word_lock
