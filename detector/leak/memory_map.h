#pragma once
// What memory this process has, and which of it can hold references.

#include <cstddef>
#include <cstdint>

#include "private_memory.h"

namespace csp::leak {

struct MemoryRange {
  std::uintptr_t low;
  std::uintptr_t high;
};

struct Mapping {
  std::uintptr_t low;
  std::uintptr_t high;
  enum class Kind : std::uint8_t { kAnonymous, kFile, kSharedFile, kHeap, kMainStack } kind;
  bool of_libc;     // Holds the allocator's state, among other things.
  bool searchable;  // Readable, and reading it does nothing: no device.
};

/// All mappings, in order of address. False when /proc does not tell.
bool read_mappings(MappedVector<Mapping>& mappings);

/// A set of addresses: ranges, sorted and merged by seal().
class RangeSet {
 public:
  void add(std::uintptr_t low, std::uintptr_t high) {
    if (low < high && !ranges_.push_back({low, high})) complete_ = false;
  }
  void add(const RangeSet& other) {
    for (const MemoryRange& range : other.ranges_) add(range.low, range.high);
    complete_ = complete_ && other.complete_;
  }
  void seal();
  /// Calls `visit(low, high)` for the parts of [low, high) that are not in the set.
  template <class Visit>
  void for_each_gap(std::uintptr_t low, std::uintptr_t high, Visit visit) const {
    for (std::size_t i = first_ending_after(low); i < ranges_.size() && ranges_[i].low < high; ++i) {
      if (low < ranges_[i].low) visit(low, ranges_[i].low);
      low = ranges_[i].high;
    }
    if (low < high) visit(low, high);
  }
  bool complete() const { return complete_; }

 private:
  std::size_t first_ending_after(std::uintptr_t address) const;
  MappedVector<MemoryRange> ranges_;
  bool complete_ = true;
};

/// Tells pages that may hold a reference from those that never were written. Reading the latter would be harmless but
/// for time and memory: a reservation of terabytes is mostly such pages.
class PageMap {
 public:
  PageMap();
  ~PageMap();
  PageMap(const PageMap&) = delete;
  PageMap& operator=(const PageMap&) = delete;

  /// Calls `visit(low, high)` for the parts of [low, high) of a mapping of `kind` that may hold references.
  template <class Visit>
  void for_each_written(std::uintptr_t low, std::uintptr_t high, Mapping::Kind kind, Visit visit) {
    constexpr std::uintptr_t kPage = 4096;
    for (std::uintptr_t page = low & ~(kPage - 1); page < high;) {
      const std::size_t count = load(page, high);
      for (std::size_t i = 0; i < count; ++i, page += kPage) {
        if (!may_refer(entries_[i], kind)) continue;
        visit(page < low ? low : page, page + kPage > high ? high : page + kPage);
      }
    }
  }

 private:
  static constexpr std::size_t kEntries = 512;
  std::size_t load(std::uintptr_t page, std::uintptr_t high);
  static bool may_refer(std::uint64_t entry, Mapping::Kind kind);

  long fd_;
  std::uint64_t entries_[kEntries];
};

}  // namespace csp::leak
