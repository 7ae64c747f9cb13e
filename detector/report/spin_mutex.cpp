#include "csp/report/spin_mutex.h"

#include "csp/report/system.h"

namespace csp::report {

void relax(unsigned round) {
  constexpr unsigned kPauses = 64;
  if (round < kPauses) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#endif
  } else {
    system_call(SYS_sched_yield);
  }
}

void SpinMutex::lock_slow() {
  for (unsigned round = 0;; ++round) {
    if (!locked_.load(std::memory_order_relaxed) && !locked_.exchange(true, std::memory_order_acquire)) return;
    relax(round);
  }
}

}  // namespace csp::report
