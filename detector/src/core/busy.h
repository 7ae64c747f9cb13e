#pragma once
// Being inside the detector, as seen by what may interrupt it: signals on this thread, and fork on another.

#include "base/base.h"

namespace csp::race {

extern __thread std::uint32_t busy_depth;
extern std::atomic<bool> fork_pending;
/// Events dropped because a signal handler made them while its thread was inside the detector.
extern std::atomic<std::uint64_t> events_lost;

CSP_COLD void wait_for_fork();
CSP_COLD void count_lost_event();

/// Held while a thread may hold locks of the detector. An event that a signal handler makes in between
/// finds the door closed (entered() is false): waiting for the lock would be waiting for ourselves. It is counted as lost.
class BusyScope {
 public:
  BusyScope() : entered_(busy_depth == 0) {
    ++busy_depth;
    // The compiler must not move what follows before the increment. Order towards a forking thread is
    // its business (before_fork uses membarrier), so that we pay nothing here.
    std::atomic_signal_fence(std::memory_order_seq_cst);
    if (CSP_UNLIKELY(!entered_)) {
      count_lost_event();
    } else if (CSP_UNLIKELY(fork_pending.load(std::memory_order_relaxed))) {
      wait_for_fork();
    }
  }
  ~BusyScope() {
    std::atomic_signal_fence(std::memory_order_seq_cst);
    --busy_depth;
  }
  BusyScope(const BusyScope&) = delete;
  BusyScope& operator=(const BusyScope&) = delete;
  bool entered() const { return entered_; }

 private:
  bool entered_;
};

}  // namespace csp::race
