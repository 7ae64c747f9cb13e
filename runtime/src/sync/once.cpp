#include "csp/once.h"

#include "csp/hooks.h"
#include "sync/wait_table.h"

namespace csp {
namespace {

using hooks::announce;
using hooks::Observer;

enum : std::uint32_t {
  kNew,
  kRunning,  // One caller runs the function. The others get in line, under the bucket's lock.
  kDone,
};

}  // namespace

bool Once::begin() {
  const void* pc = __builtin_return_address(0);
  // acquire: pairs with the release in finish().
  std::uint32_t state = state_.load(std::memory_order_acquire);
  if (state == kNew &&
      state_.compare_exchange_strong(state, kRunning, std::memory_order_relaxed, std::memory_order_acquire)) {
    return true;
  }
  if (state == kRunning) {
    rt::WaitBucket& bucket = rt::bucket_of(this);
    bucket.lock.lock();
    if (state_.load(std::memory_order_acquire) == kDone) {
      bucket.lock.unlock();
    } else {
      rt::LineWaiter self(this);
      self.strand = &rt::current_strand();
      bucket.push_back(self);
      rt::park(hooks::WaitReason::kOnce, this, bucket.lock, pc);
    }
  }
  announce(&Observer::acquire, this);
  return false;
}

void Once::finish() {
  announce(&Observer::release, this);
  rt::WaitBucket& bucket = rt::bucket_of(this);
  bucket.lock.lock();
  state_.store(kDone, std::memory_order_release);
  rt::LineWaiter* chain = bucket.pop_all(this);
  bucket.lock.unlock();
  rt::ready_all(chain);
}

}  // namespace csp
