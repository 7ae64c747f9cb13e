#pragma once
// The two verbs that everything which blocks is written in.
//
// A Strand is what can block: a goroutine, or an OS thread outside the runtime. Both park and are
// made ready the same way, so a channel or a mutex never asks which one it deals with.

#include <cstdint>

#include "base/spin_lock.h"
#include "csp/hooks.h"

namespace csp::rt {

/// What can block. Goroutine and ForeignThread derive from it.
struct Strand {
  hooks::Agent agent;
  bool is_goroutine = false;
};

/// The calling goroutine or thread; a thread outside the runtime is attached on its first call. Never null.
/// A goroutine may continue on another OS thread after any park: do not keep addresses of thread_locals across one.
Strand& current_strand();

/// Blocks the caller until somebody calls ready() on it. `held` guards the queue on which the caller has put itself; it
/// is released once ready() may be called, so a waker that finds the caller under `held` never comes too early.
/// `object` is what is waited on, null for none or several. `pc` is the public function's return address.
void park(hooks::WaitReason reason, const void* object, SpinLock& held, const void* pc);

/// As park(), for a caller that has put itself on several queues: `unlock(locks)` releases what guards them. It may run
/// on another stack, and `locks` must stay valid until it returns.
void park_with(hooks::WaitReason reason, const void* object, void (*unlock)(void* locks), void* locks, const void* pc);

/// Lets `strand`, which is parked or about to be, run again. Exactly one ready() for each park(). Thread-safe,
/// may be called with locks held, from any thread.
void ready(Strand& strand);

/// A place in a queue (Go: sudog). Lives in the waiting strand's frame. Guarded by the queue's lock.
struct Waiter {
  Waiter* next = nullptr;
  Waiter* previous = nullptr;
  Strand* strand = nullptr;
  void* data = nullptr;   // What the queue's owner wants to hand over.
  std::uint64_t tag = 0;  // Likewise.
};

/// First-in, first-out. Not thread-safe: the owner's lock guards it.
///
/// Invariants
///   (1) head_ and tail_ are both null or both set.
///   (2) A waiter is in at most one queue.
class WaitQueue {
 public:
  bool empty() const { return head_ == nullptr; }
  Waiter* front() const { return head_; }
  void push_back(Waiter& waiter) {
    waiter.next = nullptr;
    waiter.previous = tail_;
    (tail_ != nullptr ? tail_->next : head_) = &waiter;
    tail_ = &waiter;
  }
  Waiter* pop_front() {
    Waiter* waiter = head_;
    if (waiter != nullptr) remove(*waiter);
    return waiter;
  }
  /// `waiter` must be in this queue. O(1).
  void remove(Waiter& waiter) {
    (waiter.previous != nullptr ? waiter.previous->next : head_) = waiter.next;
    (waiter.next != nullptr ? waiter.next->previous : tail_) = waiter.previous;
    waiter.next = waiter.previous = nullptr;
  }

 private:
  Waiter* head_ = nullptr;
  Waiter* tail_ = nullptr;
};

}  // namespace csp::rt
