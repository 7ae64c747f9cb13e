#pragma once
// Order in time that the detector does not see: compiled without instrumentation, and built on nothing that
// is intercepted. So a test fixes which access comes first, and leaves the two concurrent all the same.

#include <atomic>
#include <cstdint>

namespace csp::testing {

/// Counts signals. Constant-initialised: a global is ready before any constructor runs.
struct InvisibleCounter {
  std::atomic<std::uint32_t> count{0};
};

/// Counts one up and wakes whoever awaits that.
void invisibly_signal(InvisibleCounter& counter);
/// Blocks the OS thread until `count` signals were given, ever.
void invisibly_await(const InvisibleCounter& counter, std::uint32_t count);
/// Whether they were.
bool invisibly_reached(const InvisibleCounter& counter, std::uint32_t count);

/// Lets `parties` threads go on once all have come; usable again and again. Blocks the OS thread.
class InvisibleBarrier {
 public:
  constexpr explicit InvisibleBarrier(std::uint32_t parties) : parties_(parties) {}
  void wait();

 private:
  const std::uint32_t parties_;
  std::atomic<std::uint32_t> arrived_{0};
  std::atomic<std::uint32_t> round_{0};
};

/// Keeps the compiler from dropping the computation of `value`.
void use(std::uint64_t value);

}  // namespace csp::testing
