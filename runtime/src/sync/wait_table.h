#pragma once
// Where strands wait for a lock, a counter or a signal: found by the address they wait on.
//
// A sync type is a word or two; its queue exists only while somebody waits, in the waiters' own
// frames. A waker needs the address, never the memory behind it: that is why a WaitGroup may be
// destroyed the moment its counter is seen to be 0, while the last done() is still waking others.
//
// Considered: a queue inside each type. Simpler to find, but the waker would have to touch it after
// the state says that it may be gone, and every mutex would carry two pointers it hardly ever uses.

#include <cstddef>
#include <cstdint>

#include "base/spin_lock.h"
#include "sched/park.h"

namespace csp::rt {

/// A strand's place in a line. Lives in the strand's frame; guarded by the bucket's lock while in line.
struct LineWaiter {
  explicit LineWaiter(const void* waits_on) : address(waits_on) {}
  LineWaiter(const LineWaiter&) = delete;
  LineWaiter& operator=(const LineWaiter&) = delete;

  const void* address;
  Strand* strand = nullptr;         // Whom to make ready.
  LineWaiter* next = nullptr;       // Behind us in our line.
  LineWaiter* last = nullptr;       // The end of our line. Meaningful while we are its front.
  LineWaiter* next_line = nullptr;  // Another address in the bucket. Meaningful while we are a front.
  std::int64_t since_ns = 0;        // When the wait began, for locks.
  std::int64_t weight = 0;          // How much it asks for, for semaphores.
  std::int64_t position = 0;        // Which units it got, for semaphores.
  void* channel = nullptr;          // Closed instead of ready(strand), for waits that can be given up.
  std::uint32_t losses = 0;         // How often it was woken and found the lock taken again.
  bool parked = false;              // Needs a ready(); for waits that enter the line before they park.
  bool granted = false;             // What it waited for is its own.
};

/// The lines of all addresses that share a hash. Everything but lock() needs `lock` held.
///
/// Invariants
///   (1) Each address has at most one line here; lines_ links the fronts through next_line.
///   (2) A front's `last` is the end of its line, and that one's `next` is null.
class alignas(64) WaitBucket {
 public:
  SpinLock lock;

  LineWaiter* front(const void* address) const;
  void push_back(LineWaiter& waiter);
  /// For one that was at the front, was woken, and lost: it keeps its turn.
  void push_front(LineWaiter& waiter);
  /// Null when nobody waits on `address`.
  LineWaiter* pop_front(const void* address);
  /// Takes the whole line out, linked through `next`. Null when nobody waits.
  LineWaiter* pop_all(const void* address);
  /// `waiter` must be in line. O(length of the line).
  void remove(LineWaiter& waiter);

 private:
  LineWaiter** find(const void* address);
  LineWaiter* lines_ = nullptr;
};

/// The bucket for what waits on `address`, or on any other address the caller chooses to keep with it.
WaitBucket& bucket_of(const void* address);

/// Readies a chain that pop_all returned. Its bucket's lock must be free: the woken may destroy what they waited on.
void ready_all(LineWaiter* chain);

}  // namespace csp::rt
