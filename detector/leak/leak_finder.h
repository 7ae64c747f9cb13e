#pragma once
// Which of the blocked goroutines nothing can wake: a fixpoint over reachability.
//
//   live := everything that may still run (running, runnable, sleeping, waiting for the kernel, other threads)
//   repeat
//     mark what live memory leads to
//     a blocked goroutine that waits on something marked becomes live: somebody may get there and wake it
//   until nothing changes. Who is left is leaked: no code that may still run knows what would wake it.

#include <cstddef>
#include <cstdint>

#include "marker.h"
#include "snapshot.h"

namespace csp::leak {

enum class Moment : std::uint8_t {
  kRunning,  // The caller goes on afterwards: its stack is a root.
  kExit,     // The caller is in exit(): what is on its stack is never used again, unless something refers to it.
};

class LeakFinder {
 public:
  /// Looks at the whole process. `stack_pointer` is the caller's: what is below is ours. Freezes the runtime and stops
  /// all other threads meanwhile. False when nothing can be concluded; the snapshot is there all the same.
  bool find(const hooks::Inspector& inspector, const HeapIndex* index, Moment moment, std::uintptr_t stack_pointer);

  const Snapshot& snapshot() const { return snapshot_; }
  /// Whether the goroutine at this place of the snapshot is proven leaked.
  bool leaked(std::size_t i) const { return i < leaked_.size() && leaked_[i] != 0; }

 private:
  void drop_those_that_moved(const Snapshot& later);

  Snapshot snapshot_;
  MappedVector<unsigned char> leaked_;
  MappedVector<unsigned char> live_;
};

}  // namespace csp::leak
