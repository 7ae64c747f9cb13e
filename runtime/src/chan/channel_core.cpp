#include "chan/channel_core.h"

#include <new>

#include "csp/hooks.h"
#include "csp/panic.h"

namespace csp::detail {

using rt::ChannelWaiter;
using rt::Outcome;
using rt::Strand;

namespace {

/// Holds a channel's lock; released by hand or when T throws.
class Hold {
 public:
  explicit Hold(ChannelCore& channel) : lock_(&channel.lock()) { lock_->lock(); }
  Hold(const Hold&) = delete;
  Hold& operator=(const Hold&) = delete;
  ~Hold() {
    if (lock_ != nullptr) lock_->unlock();
  }
  void release() {
    lock_->unlock();
    lock_ = nullptr;
  }
  /// The lock is somebody else's to release from now on.
  rt::SpinLock& hand_over() {
    rt::SpinLock& lock = *lock_;
    lock_ = nullptr;
    return lock;
  }

 private:
  rt::SpinLock* lock_;
};

/// The bytes of a plain element. The usual sizes without a call.
void copy_bytes(void* to, const void* from, std::size_t size) {
  switch (size) {
    case 1:
      __builtin_memcpy(to, from, 1);
      return;
    case 4:
      __builtin_memcpy(to, from, 4);
      return;
    case 8:
      __builtin_memcpy(to, from, 8);
      return;
    case 16:
      __builtin_memcpy(to, from, 16);
      return;
    default:
      __builtin_memcpy(to, from, size);
      return;
  }
}

bool observed() { return hooks::observer() != nullptr; }

[[noreturn, gnu::cold, gnu::noinline]] void panic_closed() { panic("send on closed channel"); }

[[noreturn, gnu::cold]] void block_for_ever(hooks::WaitReason reason, const void* pc) {
  rt::SpinLock nobody;
  nobody.lock();
  rt::park(reason, nullptr, nobody, pc);
  __builtin_unreachable();
}

std::size_t round_up(std::size_t size, std::size_t alignment) { return (size + alignment - 1) / alignment * alignment; }

}  // namespace

// ---- life ------------------------------------------------------------------------------------

ChannelCore::ChannelCore(const ElementOps& ops, std::size_t capacity, bool observed)
    : boxing_(observed && ops.move != nullptr),
      capacity_(capacity),
      stride_(boxing_ ? sizeof(void*) : ops.size),
      ops_(ops) {}

ChannelCore* ChannelCore::make(const ElementOps& ops, std::size_t capacity, const void* pc) {
  // The channel, its buffer and on_behalf are one block, so that whoever finds the channel finds its elements.
  const bool is_observed = observed();
  const bool boxing = is_observed && ops.move != nullptr;
  const std::size_t stride = boxing ? sizeof(void*) : ops.size;
  const std::size_t alignment = ops.alignment > alignof(ChannelCore) ? ops.alignment : alignof(ChannelCore);
  const std::size_t head = round_up(sizeof(ChannelCore), alignment);
  std::size_t buffer_size = 0;
  std::size_t total = 0;
  if (__builtin_mul_overflow(capacity, stride, &buffer_size) || buffer_size > SIZE_MAX / 4 ||
      capacity > SIZE_MAX / 4 / sizeof(void*)) {
    panic("makechan: size out of range");
  }
  buffer_size = round_up(buffer_size, alignof(void*));
  total = head + buffer_size + (is_observed ? capacity * sizeof(void*) : 0);
  void* memory = ::operator new (total, std::align_val_t{alignment});
  auto* channel = ::new (memory) ChannelCore(ops, capacity, is_observed);
  channel->allocation_alignment_ = alignment;
  channel->buffer_ = static_cast<unsigned char*>(memory) + head;
  if (is_observed) {
    channel->on_behalf_ = reinterpret_cast<const void**>(channel->buffer_ + buffer_size);
    for (std::size_t i = 0; i < capacity; ++i) channel->on_behalf_[i] = nullptr;
  }
  hooks::announce(&hooks::Observer::channel_made, static_cast<const void*>(channel), capacity, pc);
  return channel;
}

void ChannelCore::retain() { references_.fetch_add(1, std::memory_order_relaxed); }

void ChannelCore::drop() {
  // Whoever destroys the channel comes after all who have used it.
  hooks::announce(&hooks::Observer::release_merge, static_cast<const void*>(&references_));
  if (references_.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  hooks::announce(&hooks::Observer::acquire, static_cast<const void*>(&references_));
  destroy();
}

void ChannelCore::destroy() {
  hooks::announce(&hooks::Observer::channel_destroyed, static_cast<const void*>(this));
  for (std::size_t left = count(); left > 0; --left) {
    if (observed()) acquire_place(receive_index_);
    if (boxing_) {
      destroy_box(*reinterpret_cast<void**>(place(receive_index_)));
    } else if (ops_.destroy != nullptr) {
      ops_.destroy(place(receive_index_));
    }
    receive_index_ = after(receive_index_);
  }
  const std::align_val_t alignment{allocation_alignment_};
  this->~ChannelCore();
  ::operator delete(static_cast<void*>(this), alignment);
}

// ---- elements --------------------------------------------------------------------------------

void ChannelCore::move(void* to, void* from) const {
  if (ops_.move != nullptr) {
    ops_.move(to, from);
  } else {
    copy_bytes(to, from, ops_.size);
  }
}

void* ChannelCore::box(void* value) const {
  void* box = ::operator new (ops_.size, std::align_val_t{ops_.alignment});
  try {
    ops_.move(box, value);
  } catch (...) {
    ::operator delete (box, std::align_val_t{ops_.alignment});
    throw;
  }
  return box;
}

void ChannelCore::unbox(void* slot, void* box) const {
  ops_.move(slot, box);
  destroy_box(box);
}

void ChannelCore::destroy_box(void* box) const {
  ops_.destroy(box);
  ::operator delete (box, std::align_val_t{ops_.alignment});
}

void ChannelCore::put(unsigned char* place, void* value) const {
  if (boxing_) {
    *reinterpret_cast<void**>(place) = box(value);
  } else {
    move(place, value);
  }
}

void ChannelCore::take(void* slot, unsigned char* place) const {
  if (boxing_) {
    unbox(slot, *reinterpret_cast<void**>(place));
    return;
  }
  move(slot, place);
  if (ops_.destroy != nullptr) ops_.destroy(place);
}

// ---- happens before --------------------------------------------------------------------------

void ChannelCore::acquire_place(std::size_t index) {
  hooks::announce(&hooks::Observer::acquire, static_cast<const void*>(place(index)));
  if (on_behalf_ == nullptr || on_behalf_[index] == nullptr) return;
  hooks::announce(&hooks::Observer::acquire, on_behalf_[index]);
  on_behalf_[index] = nullptr;
}

void ChannelCore::release_place(std::size_t index) {
  hooks::announce(&hooks::Observer::release, static_cast<const void*>(place(index)));
}

void ChannelCore::see_closed() const { hooks::announce(&hooks::Observer::acquire, static_cast<const void*>(&closed_)); }

// ---- waiters ---------------------------------------------------------------------------------

ChannelWaiter* ChannelCore::claim(rt::WaitQueue& queue) {
  while (auto* waiter = static_cast<ChannelWaiter*>(queue.front())) {
    if (waiter->select == nullptr) return waiter;
    if (!waiter->select->decided.exchange(true, std::memory_order_acq_rel)) {
      waiter->select->winner = waiter->index;
      return waiter;
    }
    // Another channel was faster; the select has yet to come and clean up.
    queue.remove(*waiter);
    waiter->queued = false;
  }
  return nullptr;
}

Strand* ChannelCore::serve(rt::WaitQueue& queue, ChannelWaiter& waiter, Outcome outcome) {
  queue.remove(waiter);
  waiter.queued = false;
  waiter.outcome = outcome;
  return waiter.strand;
}

void ChannelCore::enqueue_sender(ChannelWaiter& waiter, void* value) {
  waiter.data = boxing_ ? box(value) : value;
  waiter.queued = true;
  senders_.push_back(waiter);
  if (capacity_ > 0) hooks::announce(&hooks::Observer::release, static_cast<const void*>(waiter.strand));
}

void ChannelCore::enqueue_receiver(ChannelWaiter& waiter, void* slot) {
  waiter.data = slot;
  waiter.queued = true;
  receivers_.push_back(waiter);
  if (capacity_ > 0) hooks::announce(&hooks::Observer::release, static_cast<const void*>(waiter.strand));
}

void ChannelCore::remove_sender(ChannelWaiter& waiter) {
  if (waiter.queued) senders_.remove(waiter);
  waiter.queued = false;
}

void ChannelCore::remove_receiver(ChannelWaiter& waiter) {
  if (waiter.queued) receivers_.remove(waiter);
  waiter.queued = false;
}

void ChannelCore::finish_send(ChannelWaiter& waiter) {
  if (capacity_ > 0) hooks::announce(&hooks::Observer::acquire, static_cast<const void*>(&waiter));
}

void ChannelCore::finish_receive(ChannelWaiter& waiter, void* slot) {
  if (capacity_ > 0) hooks::announce(&hooks::Observer::acquire, static_cast<const void*>(&waiter));
  if (boxing_) unbox(slot, waiter.data);
}

void ChannelCore::withdraw_send(ChannelWaiter& waiter, void* value) {
  if (!boxing_ || waiter.data == nullptr) return;
  ops_.destroy(value);
  unbox(value, waiter.data);
  waiter.data = nullptr;
}

// ---- send, receive, close --------------------------------------------------------------------

ChannelCore::Attempt ChannelCore::send_locked(void* value, Strand*& wake) {
  if (closed_.load(std::memory_order_relaxed)) return Attempt::kClosed;

  if (ChannelWaiter* receiver = claim(receivers_)) {
    try {
      if (boxing_) {
        receiver->data = box(value);
      } else {
        move(receiver->data, value);
      }
    } catch (...) {
      rt::ready(*serve(receivers_, *receiver, Outcome::kRetry));
      throw;
    }
    if (observed()) {
      if (capacity_ == 0) {
        hooks::announce(&hooks::Observer::handoff, &receiver->strand->agent);
      } else {
        // As if the value had gone through the buffer.
        acquire_place(send_index_);
        release_place(send_index_);
        hooks::announce(&hooks::Observer::release, static_cast<const void*>(receiver));
        if (on_behalf_ != nullptr) on_behalf_[send_index_] = receiver->strand;
        send_index_ = receive_index_ = after(send_index_);
      }
    }
    wake = serve(receivers_, *receiver, Outcome::kDone);
    return Attempt::kDone;
  }

  const std::size_t count = count_.load(std::memory_order_relaxed);
  if (count == capacity_) return Attempt::kWouldBlock;
  if (observed()) acquire_place(send_index_);
  put(place(send_index_), value);
  if (observed()) release_place(send_index_);
  send_index_ = after(send_index_);
  count_.store(count + 1, std::memory_order_release);
  return Attempt::kDone;
}

ChannelCore::Attempt ChannelCore::receive_locked(void* slot, Strand*& wake) {
  const std::size_t count = count_.load(std::memory_order_relaxed);
  if (count > 0) {
    const std::size_t index = receive_index_;
    if (observed()) acquire_place(index);
    take(slot, place(index));
    if (observed()) release_place(index);
    receive_index_ = after(index);
    ChannelWaiter* sender = claim(senders_);
    if (sender == nullptr) {
      count_.store(count - 1, std::memory_order_release);
      return Attempt::kDone;
    }
    // The buffer was full: the place that came free is the last one, and the first who waits gets it.
    if (boxing_) {
      *reinterpret_cast<void**>(place(index)) = sender->data;
    } else {
      try {
        move(place(index), sender->data);
      } catch (...) {
        // What we received stays received. The sender tries again by itself, and meets its own exception.
        count_.store(count - 1, std::memory_order_release);
        wake = serve(senders_, *sender, Outcome::kRetry);
        return Attempt::kDone;
      }
    }
    send_index_ = receive_index_;
    if (observed()) {
      hooks::announce(&hooks::Observer::release, static_cast<const void*>(sender));
      if (on_behalf_ != nullptr) on_behalf_[index] = sender->strand;
    }
    wake = serve(senders_, *sender, Outcome::kDone);
    return Attempt::kDone;
  }

  if (ChannelWaiter* sender = claim(senders_)) {
    if (boxing_) {
      hooks::announce(&hooks::Observer::handoff, &sender->strand->agent);
      unbox(slot, sender->data);
    } else {
      try {
        move(slot, sender->data);
      } catch (...) {
        rt::ready(*serve(senders_, *sender, Outcome::kRetry));
        throw;
      }
      hooks::announce(&hooks::Observer::handoff, &sender->strand->agent);
    }
    wake = serve(senders_, *sender, Outcome::kDone);
    return Attempt::kDone;
  }
  if (closed_.load(std::memory_order_relaxed)) {
    see_closed();
    return Attempt::kClosed;
  }
  return Attempt::kWouldBlock;
}

void ChannelCore::close(const void* pc) {
  lock_.lock();
  if (closed_.load(std::memory_order_relaxed)) {
    lock_.unlock();
    panic("close of closed channel");
  }
  hooks::announce(&hooks::Observer::channel_closed, static_cast<const void*>(this), pc);
  hooks::announce(&hooks::Observer::release, static_cast<const void*>(&closed_));
  closed_.store(true, std::memory_order_release);
  rt::WaitQueue woken;
  for (rt::WaitQueue* queue : {&receivers_, &senders_}) {
    while (ChannelWaiter* waiter = claim(*queue)) {
      serve(*queue, *waiter, Outcome::kClosed);
      woken.push_back(*waiter);
    }
  }
  lock_.unlock();
  while (rt::Waiter* waiter = woken.pop_front()) rt::ready(*waiter->strand);
}

bool ChannelCore::would_block_send() const {
  if (closed_.load(std::memory_order_acquire)) return false;
  return capacity_ > 0 ? count() == capacity_ : false;
}

bool ChannelCore::would_block_receive() const {
  if (capacity_ == 0 || count() != 0) return false;
  // Empty, and if it is still open now, then it was open when it was empty: a closed channel never fills again.
  return !closed_.load(std::memory_order_acquire);
}

// ---- the functions of csp/detail/channel_core.h ----------------------------------------------

ChannelCore* make_channel(const ElementOps& ops, std::size_t capacity) {
  return ChannelCore::make(ops, capacity, __builtin_return_address(0));
}

void retain(ChannelCore& channel) noexcept { channel.retain(); }
void drop(ChannelCore& channel) noexcept { channel.drop(); }

void send(ChannelCore* channel, void* value) {
  const void* pc = __builtin_return_address(0);
  if (channel == nullptr) block_for_ever(hooks::WaitReason::kChanSendNil, pc);
  for (;;) {
    Hold hold(*channel);
    Strand* wake = nullptr;
    switch (channel->send_locked(value, wake)) {
      case ChannelCore::Attempt::kDone:
        hold.release();
        if (wake != nullptr) rt::ready(*wake);
        return;
      case ChannelCore::Attempt::kClosed:
        hold.release();
        panic_closed();
      case ChannelCore::Attempt::kWouldBlock:
        break;
    }
    ChannelWaiter self;
    self.strand = &rt::current_strand();
    channel->enqueue_sender(self, value);
    rt::park(hooks::WaitReason::kChanSend, channel, hold.hand_over(), pc);
    switch (self.outcome) {
      case Outcome::kDone:
        channel->finish_send(self);
        return;
      case Outcome::kClosed:
        channel->withdraw_send(self, value);
        channel->see_closed();
        panic_closed();
      case Outcome::kRetry:
        channel->withdraw_send(self, value);
        break;
    }
  }
}

bool try_send(ChannelCore* channel, void* value) {
  if (channel == nullptr || channel->would_block_send()) return false;
  Hold hold(*channel);
  Strand* wake = nullptr;
  const ChannelCore::Attempt attempt = channel->send_locked(value, wake);
  hold.release();
  if (attempt == ChannelCore::Attempt::kClosed) panic_closed();
  if (wake != nullptr) rt::ready(*wake);
  return attempt == ChannelCore::Attempt::kDone;
}

bool may_send(const ChannelCore* channel) noexcept { return channel != nullptr && !channel->would_block_send(); }

bool receive(ChannelCore* channel, void* slot) {
  const void* pc = __builtin_return_address(0);
  if (channel == nullptr) block_for_ever(hooks::WaitReason::kChanRecvNil, pc);
  for (;;) {
    Hold hold(*channel);
    Strand* wake = nullptr;
    switch (channel->receive_locked(slot, wake)) {
      case ChannelCore::Attempt::kDone:
        hold.release();
        if (wake != nullptr) rt::ready(*wake);
        return true;
      case ChannelCore::Attempt::kClosed:
        return false;
      case ChannelCore::Attempt::kWouldBlock:
        break;
    }
    ChannelWaiter self;
    self.strand = &rt::current_strand();
    channel->enqueue_receiver(self, slot);
    rt::park(hooks::WaitReason::kChanRecv, channel, hold.hand_over(), pc);
    switch (self.outcome) {
      case Outcome::kDone:
        channel->finish_receive(self, slot);
        return true;
      case Outcome::kClosed:
        channel->see_closed();
        return false;
      case Outcome::kRetry:
        break;
    }
  }
}

bool try_receive(ChannelCore* channel, void* slot) {
  if (channel == nullptr || channel->would_block_receive()) return false;
  Hold hold(*channel);
  Strand* wake = nullptr;
  const ChannelCore::Attempt attempt = channel->receive_locked(slot, wake);
  hold.release();
  if (wake != nullptr) rt::ready(*wake);
  return attempt == ChannelCore::Attempt::kDone;
}

void close(ChannelCore* channel) {
  if (channel == nullptr) panic("close of nil channel");
  channel->close(__builtin_return_address(0));
}

std::size_t length(const ChannelCore* channel) noexcept {
  return channel == nullptr || channel->hides_buffer() ? 0 : channel->count();
}

std::size_t capacity(const ChannelCore* channel) noexcept {
  return channel == nullptr || channel->hides_buffer() ? 0 : channel->capacity();
}

void hide_buffer(ChannelCore& channel) noexcept { channel.hide_buffer(); }

}  // namespace csp::detail
