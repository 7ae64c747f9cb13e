#pragma once
// An order of events without a sleep: main goes on once the others have got to where they stay.

#include <csp/csp.h>
#include <csp/debug.h>

#include <cstddef>
#include <string_view>

/// Returns once `count` goroutines beside the caller are blocked, for `reason` if one is given.
inline void wait_until_blocked(std::size_t count, std::string_view reason = "") {
  for (;;) {
    std::size_t blocked = 0;
    for (const csp::GoroutineInfo& goroutine : csp::goroutines()) {
      const bool counts = reason.empty() ? goroutine.state == "waiting" : goroutine.wait_reason == reason;
      blocked += counts ? 1 : 0;
    }
    if (blocked >= count) return;
    csp::yield();
  }
}
