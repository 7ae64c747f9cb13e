// The state word holds counter and waiters together, as Go's. A waiter counts itself and gets in line under the
// bucket's lock; the done() that brings the counter to 0 while there are waiters takes the same lock, clears the word
// and takes the line out. After that it never touches the WaitGroup again. So
//   counter 0, waiters 0   anybody may see it and go on, even destroy the WaitGroup;
//   counter 0, waiters > 0 the last done() is on its way to the lock: wait() gets in line as well.

#include "csp/wait_group.h"

#include "csp/hooks.h"
#include "sync/wait_table.h"

namespace csp {

using hooks::announce;
using hooks::Observer;

namespace {

constexpr std::uint64_t kWaiter = 1;

constexpr std::int32_t counter(std::uint64_t state) { return static_cast<std::int32_t>(state >> 32); }
constexpr std::uint32_t waiters(std::uint64_t state) { return static_cast<std::uint32_t>(state); }

constexpr const char kMisuse[] = "sync: WaitGroup misuse: Add called concurrently with Wait";

}  // namespace

void WaitGroup::add(int delta) { change(delta, __builtin_return_address(0)); }

void WaitGroup::done() { change(-1, __builtin_return_address(0)); }

void WaitGroup::change(int delta, const void* pc) {
  if (delta < 0) announce(&Observer::release_merge, this);
  const std::uint64_t shifted = static_cast<std::uint64_t>(static_cast<std::int64_t>(delta)) << 32;
  // acq_rel: pairs with itself, so that the last done() passes on what the others released, and with the loads in
  // wait().
  const std::uint64_t state = state_.fetch_add(shifted, std::memory_order_acq_rel) + shifted;
  if (counter(state) < 0) csp::panic("sync: negative WaitGroup counter");
  if (delta > 0 && counter(state) == delta) {
    // The first add must be ordered with wait(). Shown to the detector as a read, against the write in wait().
    announce(&Observer::read, this, sizeof *this, pc);
    if (waiters(state) != 0) csp::panic(kMisuse);
  }
  if (counter(state) != 0 || waiters(state) == 0) return;

  rt::WaitBucket& bucket = rt::bucket_of(this);
  bucket.lock.lock();
  if (counter(state_.load(std::memory_order_relaxed)) != 0) {
    bucket.lock.unlock();
    csp::panic(kMisuse);
  }
  state_.store(0, std::memory_order_release);
  rt::LineWaiter* chain = bucket.pop_all(this);
  bucket.lock.unlock();
  rt::ready_all(chain);
}

void WaitGroup::wait() {
  const void* pc = __builtin_return_address(0);
  // acquire: pairs with the release in change().
  if (state_.load(std::memory_order_acquire) != 0) {
    rt::WaitBucket& bucket = rt::bucket_of(this);
    bucket.lock.lock();
    std::uint64_t state = state_.load(std::memory_order_acquire);
    while (state != 0 && !state_.compare_exchange_weak(state, state + kWaiter, std::memory_order_acquire)) {
    }
    if (state == 0) {
      bucket.lock.unlock();
    } else {
      // The first waiter alone: waiters need not be ordered among themselves.
      if (waiters(state) == 0) announce(&Observer::write, this, sizeof *this, pc);
      rt::LineWaiter self(this);
      self.strand = &rt::current_strand();
      bucket.push_back(self);
      rt::park(hooks::WaitReason::kWaitGroupWait, this, bucket.lock, pc);
    }
  }
  announce(&Observer::acquire, this);
}

}  // namespace csp
