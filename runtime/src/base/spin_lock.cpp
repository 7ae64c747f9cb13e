#include "base/spin_lock.h"

#include <sched.h>

#include "base/pause.h"

namespace csp::rt {

void SpinLock::lock_slow() {
  // Long enough for a holder that runs, short enough not to burn the time slice of one that does not.
  constexpr int kPausesMax = 100;
  for (;;) {
    for (int i = 0; i < kPausesMax; ++i) {
      cpu_pause();
      // Read before trying: a failed exchange would steal the cache line from the holder.
      if (!locked_.load(std::memory_order_relaxed) && try_lock()) return;
    }
    sched_yield();
  }
}

}  // namespace csp::rt
