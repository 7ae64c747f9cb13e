// A waiter gets in line before it gives up the user's lock, so that no signal() in between is lost, and parks after. A
// waker that finds it in that gap only marks it.
//
// The edge from a signal to the wait it wakes is announced on the waiter's own address: it orders these two and nobody
// else.

#include "csp/cond.h"

#include "csp/hooks.h"
#include "sync/wait_table.h"

namespace csp {

using hooks::announce;
using hooks::Observer;

namespace {

// Under the bucket's lock. True when `waiter` must be made ready.
bool wake(rt::LineWaiter& waiter) {
  announce(&Observer::release, static_cast<const void*>(&waiter));
  waiter.granted = true;
  return waiter.parked;
}

}  // namespace

void Cond::wait() {
  const void* pc = __builtin_return_address(0);
  rt::WaitBucket& bucket = rt::bucket_of(this);
  rt::LineWaiter self(this);
  self.strand = &rt::current_strand();
  bucket.lock.lock();
  bucket.push_back(self);
  bucket.lock.unlock();

  try {
    give_(lock_);
  } catch (
      ...) {  // A lock that is not ours may refuse. We leave as we came, unless somebody woke us: that one is lost.
    bucket.lock.lock();
    if (!self.granted) bucket.remove(self);
    bucket.lock.unlock();
    throw;
  }

  bucket.lock.lock();
  if (self.granted) {
    bucket.lock.unlock();
  } else {
    self.parked = true;
    rt::park(hooks::WaitReason::kCondWait, this, bucket.lock, pc);
  }
  announce(&Observer::acquire, static_cast<const void*>(&self));
  take_(lock_);
}

void Cond::signal() {
  rt::WaitBucket& bucket = rt::bucket_of(this);
  bucket.lock.lock();
  rt::LineWaiter* waiter = bucket.pop_front(this);
  rt::Strand* strand = waiter != nullptr && wake(*waiter) ? waiter->strand : nullptr;
  bucket.lock.unlock();
  if (strand != nullptr) rt::ready(*strand);
}

void Cond::broadcast() {
  rt::WaitBucket& bucket = rt::bucket_of(this);
  bucket.lock.lock();
  rt::LineWaiter* parked = nullptr;
  rt::LineWaiter** end = &parked;
  for (rt::LineWaiter* waiter = bucket.pop_all(this); waiter != nullptr;) {
    rt::LineWaiter* next = waiter->next;
    // One that has not parked yet is gone as soon as we let go of the bucket: it stays out of the chain.
    if (wake(*waiter)) {
      *end = waiter;
      end = &waiter->next;
    }
    waiter = next;
  }
  *end = nullptr;
  bucket.lock.unlock();
  rt::ready_all(parked);
}

}  // namespace csp
