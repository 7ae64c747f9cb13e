#pragma once

#include "base/base.h"
#include "core/ids.h"

namespace csp::race {

/// How far each Tid's line is known: a map from Tid to Clock, 0 where nothing is.
///
/// Built so that strangers cost nothing: a shared, immutable radix tree over Tids, and a few inline
/// entries that override it. Copying shares the tree. Joining stops wherever both sides share a
/// subtree, so its cost is the number of Tids that really differ, not the number of goroutines alive.
/// (Persistent tries after Bagwell, "Ideal Hash Trees", 2001; vector clocks after Mattern, 1989.)
///
/// Not thread-safe; its owner's lock guards it. Different clocks may share nodes freely.
///
/// Invariants
///   (1) An inline entry is later than what the tree says of its Tid.
///   (2) No Tid has two inline entries.
///   (3) A node with more than one owner is never written.
class VectorClock {
 public:
  VectorClock() = default;
  VectorClock(const VectorClock&) = delete;
  VectorClock& operator=(const VectorClock&) = delete;
  ~VectorClock() { clear(); }

  Clock get(Tid tid) const {
    for (unsigned i = 0; i < inline_count_; ++i) {
      if (inline_[i].tid == tid) return inline_[i].clock;
    }
    return root_ == nullptr ? 0 : get_from_tree(tid);
  }
  bool covers(Epoch epoch) const { return get(epoch.tid) >= epoch.clock; }
  bool empty() const { return root_ == nullptr && inline_count_ == 0; }

  /// Raises one entry; a lower clock changes nothing.
  void raise(Epoch epoch);
  /// Takes the later of each entry.
  void join(const VectorClock& other);
  void assign(const VectorClock& other);
  /// assign(other), then raise(own): what `own`'s agent releases. Nobody knows a later epoch of that line. Leaves the tree alone.
  void assign_release(const VectorClock& other, Epoch own);
  void clear();

  struct Node;

 private:
  // raise() folds the inline entries into the tree when there are this many; one place more is kept for assign_release.
  static constexpr unsigned kInline = 7;

  Clock get_from_tree(Tid tid) const;
  void fold();
  void drop_covered();

  Node* root_ = nullptr;
  std::uint32_t inline_count_ = 0;
  Epoch inline_[kInline + 1];
};

}  // namespace csp::race
