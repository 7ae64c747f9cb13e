#include "support/invisible_barrier.h"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace csp::testing {
namespace {

static_assert(sizeof(std::atomic<std::uint32_t>) == sizeof(std::uint32_t), "a futex is the atomic itself");

void wait_while(const std::atomic<std::uint32_t>& word, std::uint32_t value) {
  while (word.load(std::memory_order_acquire) == value) {
    syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, value, nullptr, nullptr, 0);
  }
}

void wake_all(const std::atomic<std::uint32_t>& word) {
  syscall(SYS_futex, &word, FUTEX_WAKE_PRIVATE, INT32_MAX, nullptr, nullptr, 0);
}

}  // namespace

void invisibly_signal(InvisibleCounter& counter) {
  counter.count.fetch_add(1, std::memory_order_acq_rel);
  wake_all(counter.count);
}

void invisibly_await(const InvisibleCounter& counter, std::uint32_t count) {
  for (;;) {
    const std::uint32_t now = counter.count.load(std::memory_order_acquire);
    if (now >= count) return;
    wait_while(counter.count, now);
  }
}

bool invisibly_reached(const InvisibleCounter& counter, std::uint32_t count) {
  return counter.count.load(std::memory_order_acquire) >= count;
}

void InvisibleBarrier::wait() {
  const std::uint32_t round = round_.load(std::memory_order_acquire);
  if (arrived_.fetch_add(1, std::memory_order_acq_rel) + 1 < parties_) return wait_while(round_, round);
  arrived_.store(0, std::memory_order_relaxed);
  round_.store(round + 1, std::memory_order_release);
  wake_all(round_);
}

void use(std::uint64_t) {}

}  // namespace csp::testing
