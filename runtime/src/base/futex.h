#pragma once
// Sleeping and waking of OS threads. Straight to the kernel: pthread's own primitives may be
// intercepted by a detector, which must not see the runtime's insides.

#include <atomic>
#include <cstdint>

namespace csp::rt {

/// Sleeps while `word` is `expected`. May return early; the caller looks again.
/// `timeout_ns` < 0 means for ever.
void futex_wait(const std::atomic<std::uint32_t>& word, std::uint32_t expected, std::int64_t timeout_ns = -1);

/// Wakes up to `count` threads that sleep on `word`. `word` need not exist any more.
void futex_wake(const std::atomic<std::uint32_t>& word, int count = 1);

}  // namespace csp::rt
