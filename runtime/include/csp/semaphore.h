#pragma once

#include <cstdint>
#include <system_error>

#include "csp/hooks.h"

namespace csp {

class Context;

namespace rt {
struct LineWaiter;
}

/// A weighted semaphore, as Go's golang.org/x/sync/semaphore. First come, first served: a large request at the front
/// of the line holds up the small ones behind it, so that it is not starved.
///
/// A release() happens before the acquire() that it lets in: as with a buffered channel of `size` elements, the k-th
/// unit released comes before the (k + size)-th acquired, and nothing more is promised.
class Semaphore {
 public:
  explicit Semaphore(std::int64_t size) : size_(size) {}
  Semaphore(const Semaphore&) = delete;
  Semaphore& operator=(const Semaphore&) = delete;

  /// Blocks until `weight` units are free, and takes them. For ever when `weight` is more than the semaphore's size.
  void acquire(std::int64_t weight = 1);
  /// Likewise, but gives up once `ctx` is done: returns ctx.err() and takes nothing. A context that is done already
  /// loses, even when units are free.
  [[nodiscard]] std::error_code acquire(const Context& ctx, std::int64_t weight = 1);
  [[nodiscard]] bool try_acquire(std::int64_t weight = 1);
  /// Panics with `semaphore: released more than held`.
  void release(std::int64_t weight = 1);

 private:
  bool take(std::int64_t weight, std::int64_t& first);
  rt::LineWaiter* admit();
  void announce_units(void (*hooks::Observer::*verb)(const void*), std::int64_t first, std::int64_t weight);

  // Guarded by the lock of the semaphore's wait bucket.
  const std::int64_t size_;
  std::int64_t held_ = 0;
  std::int64_t next_acquired_ = 0;  // Number of the next unit to be acquired, modulo size_.
  std::int64_t next_released_ = 0;  // Number of the next unit to be released, modulo size_.

  // Names for the detector: a unit is released to, and acquired from, the slot of its number. Exact up to kSlots
  // units; beyond, neighbours share a slot.
  static constexpr std::int64_t kSlots = 16;
  std::int64_t slots_[kSlots] = {};
};

}  // namespace csp
