#pragma once
// Tells a test that somebody has blocked, so that it need not sleep and hope.

#include <atomic>
#include <cstddef>

#include "csp/go.h"
#include "csp/hooks.h"

namespace csp::test {

namespace detail {
inline std::atomic<int> park_counts[256];
}

/// How often anybody has parked for `reason` so far. Whoever is counted is in its queue already.
inline int parks(hooks::WaitReason reason) { return detail::park_counts[static_cast<std::size_t>(reason)].load(); }

/// Counts the parks for one reason from its construction on.
class ParkWatch {
 public:
  explicit ParkWatch(hooks::WaitReason reason) : reason_(reason), before_(parks(reason)) {}
  int count() const { return parks(reason_) - before_; }
  /// Lets others run until there have been `count` parks.
  void await(int wanted) const {
    while (count() < wanted) csp::yield();
  }

 private:
  hooks::WaitReason reason_;
  int before_;
};

namespace detail {
// Before main, and so before the runtime starts.
inline const int watching = [] {
  static const hooks::Observer observer = [] {
    hooks::Observer it = hooks::kSilent;
    it.parked = [](hooks::Agent*, hooks::WaitReason reason, const void*, const void*) {
      park_counts[static_cast<std::size_t>(reason)].fetch_add(1);
    };
    return it;
  }();
  return hooks::install(&observer);
}();
}  // namespace detail

}  // namespace csp::test
