#include "csp/semaphore.h"

#include "csp/chan.h"
#include "csp/context.h"
#include "csp/go.h"
#include "csp/hooks.h"
#include "csp/select.h"
#include "sync/wait_table.h"

namespace csp {

using hooks::announce;
using hooks::Observer;

namespace {

// Wakes the chain that admit() returned. Its bucket's lock must be free.
void wake(rt::LineWaiter* admitted) {
  while (admitted != nullptr) {
    rt::LineWaiter* next = admitted->next;
    if (admitted->channel != nullptr) {
      const Chan<Unit> granted =
          *static_cast<Chan<Unit>*>(admitted->channel);  // Ours: the waiter's goes with its frame.
      granted.close();
    } else {
      rt::ready(*admitted->strand);
    }
    admitted = next;
  }
}

}  // namespace

bool Semaphore::take(std::int64_t weight, std::int64_t& first) {
  if (size_ - held_ < weight) return false;
  held_ += weight;
  first = next_acquired_;
  if (size_ > 0) next_acquired_ = (next_acquired_ + weight) % size_;
  return true;
}

rt::LineWaiter* Semaphore::admit() {
  rt::WaitBucket& bucket = rt::bucket_of(this);
  rt::LineWaiter* admitted = nullptr;
  rt::LineWaiter** end = &admitted;
  for (rt::LineWaiter* front = bucket.front(this); front != nullptr && take(front->weight, front->position);
       front = bucket.front(this)) {
    bucket.pop_front(this);
    front->granted = true;
    *end = front;
    end = &front->next;
  }
  *end = nullptr;
  return admitted;
}

void Semaphore::announce_units(void (*hooks::Observer::*verb)(const void*), std::int64_t first, std::int64_t weight) {
  if (hooks::observer() == nullptr || size_ == 0 || weight == 0) return;
  const std::int64_t units_per_slot = (size_ - 1) / kSlots + 1;
  const std::int64_t slots = (size_ - 1) / units_per_slot + 1;
  std::int64_t slot = first / units_per_slot;
  const std::int64_t last = (first + (weight - 1) % size_) % size_ / units_per_slot;
  // Almost a full round may begin and end in one slot, and is all of them.
  const std::int64_t count = weight > size_ - units_per_slot ? slots : (last - slot + slots) % slots + 1;
  for (std::int64_t i = 0; i < count; ++i, slot = (slot + 1) % slots) {
    announce(verb, static_cast<const void*>(&slots_[slot]));
  }
}

void Semaphore::acquire(std::int64_t weight) {
  const void* pc = __builtin_return_address(0);
  rt::WaitBucket& bucket = rt::bucket_of(this);
  rt::LineWaiter self(this);
  bucket.lock.lock();
  if (bucket.front(this) == nullptr && take(weight, self.position)) {
    bucket.lock.unlock();
  } else {
    self.strand = &rt::current_strand();
    self.weight = weight;
    // What can never be let in stays out of line, where it would hold up the others.
    if (weight <= size_) bucket.push_back(self);
    rt::park(hooks::WaitReason::kSemaphore, this, bucket.lock, pc);
  }
  announce_units(&Observer::acquire, self.position, weight);
}

std::error_code Semaphore::acquire(const Context& ctx, std::int64_t weight) {
  if (const std::error_code error = ctx.err()) return error;
  rt::WaitBucket& bucket = rt::bucket_of(this);
  rt::LineWaiter self(this);
  bucket.lock.lock();
  if (bucket.front(this) == nullptr && take(weight, self.position)) {
    bucket.lock.unlock();
    announce_units(&Observer::acquire, self.position, weight);
    return {};
  }
  bucket.lock.unlock();

  const RecvChan<Unit> done = ctx.done();
  if (weight > size_) {
    done.recv();
    return ctx.err();
  }
  Chan<Unit> granted = make_chan<Unit>();
  self.channel = &granted;
  self.weight = weight;
  bucket.lock.lock();
  bucket.push_back(self);
  rt::LineWaiter* admitted = admit();  // Units may have come free while we made the channel.
  bucket.lock.unlock();
  wake(admitted);

  const bool gave_up = select(recv(done), recv(granted)) == 0;
  if (gave_up) {
    bucket.lock.lock();
    if (!self.granted) {
      bucket.remove(self);
      admitted = admit();  // Those behind us may ask for less.
      bucket.lock.unlock();
      wake(admitted);
      return ctx.err();
    }
    bucket.lock.unlock();
    granted.recv();  // Whoever let us in is about to close it, and needs our frame until then.
  }
  announce_units(&Observer::acquire, self.position, weight);
  if (const std::error_code error = ctx.err()) {  // Both happened: as if we had not been let in.
    release(weight);
    return error;
  }
  return {};
}

bool Semaphore::try_acquire(std::int64_t weight) {
  rt::WaitBucket& bucket = rt::bucket_of(this);
  std::int64_t first = 0;
  bucket.lock.lock();
  const bool taken = bucket.front(this) == nullptr && take(weight, first);
  bucket.lock.unlock();
  if (taken) announce_units(&Observer::acquire, first, weight);
  return taken;
}

void Semaphore::release(std::int64_t weight) {
  rt::WaitBucket& bucket = rt::bucket_of(this);
  bucket.lock.lock();
  if (weight > held_) {
    bucket.lock.unlock();
    csp::panic("semaphore: released more than held");
  }
  announce_units(&Observer::release_merge, next_released_, weight);
  held_ -= weight;
  if (size_ > 0) next_released_ = (next_released_ + weight) % size_;
  rt::LineWaiter* admitted = admit();
  bucket.lock.unlock();
  wake(admitted);
}

}  // namespace csp
