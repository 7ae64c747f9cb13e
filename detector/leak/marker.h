#pragma once
// Conservative marking: from a set of roots, everything that something which looks like an address leads to.
//
// Memory comes in three sorts
//   roots    searched whether or not anything refers to them;
//   regions  known pieces of memory that are searched only once something refers into them, or somebody
//            says so: stacks and closures of blocked goroutines, channels;
//   blocks   what the heap index knows, likewise.

#include <cstddef>
#include <cstdint>

#include "csp/leak/leak_tracker.h"
#include "private_memory.h"

namespace csp::leak {

/// A set of non-zero words.
class WordSet {
 public:
  /// True when it was not there. False without memory as well: lost() tells.
  bool insert(std::uintptr_t word);
  bool contains(std::uintptr_t word) const;
  bool lost() const { return lost_; }

 private:
  std::size_t place(std::uintptr_t word) const;
  MappedVector<std::uintptr_t> table_;  // A power of two; 0 is an empty place.
  std::size_t size_ = 0;
  bool lost_ = false;
};

struct Region {
  std::uintptr_t low;
  std::uintptr_t high;         // An address in [low, high) refers to it.
  std::uintptr_t search_low;   // What to search then: [search_low, high) ...
  std::uintptr_t search_high;  // ... up to here.
  bool reached;
};

class Marker {
 public:
  explicit Marker(const HeapIndex* index) : index_(index) {}

  /// Before anything else. Regions must not overlap.
  void add_region(std::uintptr_t low, std::uintptr_t high, std::uintptr_t search_low, std::uintptr_t search_high);
  void seal_regions();

  /// Follows every word in [low, high), which is readable, and all it leads to.
  void search(std::uintptr_t low, std::uintptr_t high);
  /// Likewise, for memory in which the allocator has its state: it names a free chunk by the address of that
  /// chunk's header, which is the last word of the block before. Such words are passed over.
  void search_allocator(std::uintptr_t low, std::uintptr_t high);
  /// Says that the region that contains `address`, if there is one, can be reached; follows it.
  void reach(std::uintptr_t address);

  Region* region_of(std::uintptr_t address);
  bool block_of(std::uintptr_t address, std::uintptr_t* base, std::size_t* size) const {
    return index_ != nullptr && index_->find(address, base, size);
  }
  bool block_reached(std::uintptr_t base) const { return blocks_.contains(base); }

  /// False when memory ran out: something may have been missed.
  bool complete() const { return complete_ && !blocks_.lost(); }

 private:
  struct Piece {
    std::uintptr_t low;
    std::uintptr_t high;
  };
  static bool may_be_header(std::uintptr_t word, std::uintptr_t end) { return word % 16 == 0 && word + 8 == end; }
  void follow(std::uintptr_t word);
  void enqueue(std::uintptr_t low, std::uintptr_t high) { complete_ &= pending_.push_back({low, high}); }
  void drain();

  const HeapIndex* index_;
  MappedVector<Region> regions_;
  WordSet blocks_;
  MappedVector<Piece> pending_;
  bool complete_ = true;
};

}  // namespace csp::leak
