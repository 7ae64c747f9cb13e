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

/// The races of one access to one granule: all of them, as a second access in the same epoch is not compared again.
class RaceList {
 public:
  RaceList() {}
  ~RaceList() {
    if (races_ != inline_) deallocate(races_, capacity_ * sizeof(RacingAccess));
  }
  RaceList(const RaceList&) = delete;
  RaceList& operator=(const RaceList&) = delete;

  bool empty() const { return count_ == 0; }
  void add(RacingAccess race) {
    if (CSP_UNLIKELY(count_ == capacity_)) grow();
    races_[count_++] = race;
  }
  const RacingAccess* begin() const { return races_; }
  const RacingAccess* end() const { return races_ + count_; }

 private:
  static constexpr unsigned kInline = 4;

  CSP_COLD void grow() {
    auto* races = static_cast<RacingAccess*>(allocate(capacity_ * 2 * sizeof(RacingAccess)));
    copy_bytes(races, races_, count_ * sizeof(RacingAccess));
    if (races_ != inline_) deallocate(races_, capacity_ * sizeof(RacingAccess));
    races_ = races;
    capacity_ *= 2;
  }

  RacingAccess* races_ = inline_;
  std::uint32_t count_ = 0;
  std::uint32_t capacity_ = kInline;
  RacingAccess inline_[kInline];
};

/// Publishes each race whose pair of contexts is new, and counts the others.
CSP_COLD void report_races(ThreadState& thread, Address granule_start, RacingAccess current, const RaceList& races);

/// Writes how often each published race was seen. Once, at the end.
void publish_race_counts();

/// The child of a fork begins with nothing found.
void forget_reports();

}  // namespace csp::race
