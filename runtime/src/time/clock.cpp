#include <time.h>

#include "sched/policy.h"
#include "time/timer_heap.h"

namespace csp::rt {

Nanoseconds now_ns() {
  if (virtual_time()) return virtual_now();
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return Nanoseconds{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

}  // namespace csp::rt
