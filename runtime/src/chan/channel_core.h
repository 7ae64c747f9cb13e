#pragma once
// A channel of elements of unknown type.
//
// Invariants, whenever the lock is free
//   (1) At most one of receivers and senders has waiters that are not decided selects.
//   (2) Receivers wait only while the buffer is empty, senders only while it is full.
//   (3) The elements are at receive_index_, ..., count of them, wrapping.
//   (4) A closed channel has no waiters.
//
// A value goes straight to a parked receiver, or from a parked sender into the place that came free: it is never
// up for grabs once somebody waits for it, so receivers and senders are served in order.
//
// Happens before, as Go's memory model has it and not more
//   unbuffered   the two that meet synchronise both ways (handoff).
//   buffered     every place of the buffer is a synchronisation object; whoever uses the place acquires it, then
//                releases it. So a send is seen by its receive, and the k-th receive by the k+capacity-th send. When
//                one of the two was parked and the other acted for it, the parked one has released to its own strand
//                before, and the place remembers to let its next user acquire that (on_behalf_); it learns by its
//                Waiter.
//   closing      the flag is one more such object.
//
// While somebody listens to the hooks, elements that are not plain bytes travel in boxes on the heap made by their
// sender: otherwise a receiver would run T's move constructor on the sender's memory, which is ordered for us but would
// look like an access of the wrong goroutine.

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "base/spin_lock.h"
#include "csp/detail/channel_core.h"
#include "sched/park.h"

namespace csp::rt {

/// A select that is parked. Lives in its frame. Whoever turns `decided` to true has decided it.
struct ParkedSelect {
  std::atomic<bool> decided{false};
  std::size_t winner = 0;  // Index of the case; written by the decider.
};

/// How waiting ended.
enum class Outcome : std::uint8_t {
  kDone,
  kClosed,
  kRetry,  // Whoever was about to hand over failed: his T threw. Start again.
};

/// A strand that waits for one channel, maybe among others. Waiter::data is where the element goes (receiver) or
/// comes from (sender); in a boxing channel, for a receiver, the box.
struct ChannelWaiter : Waiter {
  ParkedSelect* select = nullptr;  // Null: waits for this channel alone.
  std::size_t index = 0;           // Of the case.
  bool queued = false;
  Outcome outcome = Outcome::kDone;
};

}  // namespace csp::rt

namespace csp::detail {

class ChannelCore {
 public:
  static ChannelCore* make(const ElementOps& ops, std::size_t capacity, const void* pc);
  void retain();
  void drop();

  enum class Attempt : std::uint8_t { kDone, kClosed, kWouldBlock };
  // With the lock held. When somebody was served who is parked, `wake` is set: ready() him after unlocking. If T
  // throws, nothing has changed but that the waiter who was to be served starts again.
  Attempt send_locked(void* value, rt::Strand*& wake);
  Attempt receive_locked(void* slot, rt::Strand*& wake);

  // Queues the caller. With the lock held.
  void enqueue_sender(rt::ChannelWaiter& waiter, void* value);
  void enqueue_receiver(rt::ChannelWaiter& waiter, void* slot);
  void remove_sender(rt::ChannelWaiter& waiter);
  void remove_receiver(rt::ChannelWaiter& waiter);

  // After waking up with Outcome::kDone, no lock held.
  void finish_send(rt::ChannelWaiter& waiter);
  void finish_receive(rt::ChannelWaiter& waiter, void* slot);
  /// A parked sender gives up, or was not the case that ran: takes the value back out of its box.
  void withdraw_send(rt::ChannelWaiter& waiter, void* value);

  /// Announces that the caller has seen the channel closed.
  void see_closed() const;
  void close(const void* pc);

  rt::SpinLock& lock() { return lock_; }
  bool is_closed() const { return closed_.load(std::memory_order_acquire); }
  std::size_t count() const { return count_.load(std::memory_order_acquire); }
  std::size_t capacity() const { return capacity_; }

  // Without the lock: true only if the attempt would have been in vain at some moment during the call.
  bool would_block_send() const;
  bool would_block_receive() const;

  bool hides_buffer() const { return hides_buffer_.load(std::memory_order_relaxed); }
  void hide_buffer() { hides_buffer_.store(true, std::memory_order_relaxed); }

 private:
  ChannelCore(const ElementOps& ops, std::size_t capacity, bool observed);

  unsigned char* place(std::size_t index) const { return buffer_ + index * stride_; }
  std::size_t after(std::size_t index) const { return index + 1 == capacity_ ? 0 : index + 1; }
  /// The first waiter of `queue` that is still to be served, decided in our favour. Still queued.
  static rt::ChannelWaiter* claim(rt::WaitQueue& queue);
  static rt::Strand* serve(rt::WaitQueue& queue, rt::ChannelWaiter& waiter, rt::Outcome outcome);

  void move(void* to, void* from) const;
  void* box(void* value) const;
  void unbox(void* slot, void* box) const;
  void destroy_box(void* box) const;
  void put(unsigned char* place, void* value) const;
  void take(void* slot, unsigned char* place) const;
  void destroy();

  void acquire_place(std::size_t index);
  void release_place(std::size_t index);

  rt::SpinLock lock_;  // Guards all below but the atomics' reads.
  const bool boxing_;
  std::atomic<bool> closed_{false};
  std::atomic<bool> hides_buffer_{false};
  std::atomic<std::uint32_t> references_{1};
  const std::size_t capacity_;
  const std::size_t stride_;
  std::atomic<std::size_t> count_{0};
  std::size_t receive_index_ = 0;
  std::size_t send_index_ = 0;
  rt::WaitQueue receivers_;
  rt::WaitQueue senders_;
  const ElementOps ops_;
  std::size_t allocation_alignment_ = 0;
  unsigned char* buffer_ = nullptr;
  const void** on_behalf_ = nullptr;  // Of each place; null when nobody listens.
};

}  // namespace csp::detail
