#pragma once
// Cold: from two accesses to a Finding.

#include "core/thread_state.h"

namespace csp::race {

/// An earlier access found unordered with the current one. `common` are the bytes both touch.
struct RacingAccess {
  ShadowWord word;
  ContextId context;
  unsigned common;
};

/// The races of one access to one granule. More than kCapacity at once are counted, not listed: they are found again at the next access.
class RaceList {
 public:
  bool empty() const { return count_ == 0; }
  void add(RacingAccess race) {
    if (count_ < kCapacity) races_[count_++] = race;
  }
  const RacingAccess* begin() const { return races_; }
  const RacingAccess* end() const { return races_ + count_; }

 private:
  static constexpr unsigned kCapacity = 16;
  unsigned count_ = 0;
  RacingAccess races_[kCapacity];
};

/// Publishes each race whose pair of contexts is new, and counts the others.
CSP_COLD void report_races(ThreadState& thread, Address granule_start, RacingAccess current, const RaceList& races);

/// Writes how often each published race was seen. Once, at the end.
void publish_race_counts();

void lock_reports();  // Around fork.
void unlock_reports();
/// The child of a fork begins with nothing found.
void forget_reports();

}  // namespace csp::race
