#pragma once
// Objects named by a 32-bit index instead of a pointer, for places where eight bytes are too many.

#include "base/base.h"

namespace csp::race {

/// Type-stable: an index that was ever given out can be read for ever, whatever it names by then. Index 0 is nobody.
/// Thread-safe, but for the objects themselves.
template <class T>
class IndexedPool {
 public:
  /// Constructs an object; returns its index.
  std::uint32_t create() {
    std::uint32_t index = 0;
    {
      SpinGuard guard(mutex_);
      if (free_count_ > 0) {
        index = free_[--free_count_];
      } else {
        index = ++last_;
        if (index >= kChunk * kChunks) die("the detector ran out of indices (2^31 objects of one kind)");
        std::atomic<T*>& chunk = chunks_[index / kChunk];
        if (chunk.load(std::memory_order_relaxed) == nullptr) {
          // release: pairs with the acquire in at().
          chunk.store(static_cast<T*>(map_memory(sizeof(T) * kChunk)), std::memory_order_release);
        }
      }
    }
    new (static_cast<void*>(&at(index)), Place{}) T{};
    return index;
  }

  void destroy(std::uint32_t index) {
    at(index).~T();
    SpinGuard guard(mutex_);
    if (free_count_ == free_capacity_) grow_free_list();
    free_[free_count_++] = index;
  }

  T& at(std::uint32_t index) {
    return chunks_[index / kChunk].load(std::memory_order_acquire)[index % kChunk];
  }

 private:
  static constexpr std::uint32_t kChunk = 1u << 14;
  static constexpr std::uint32_t kChunks = 1u << 17;

  void grow_free_list() {
    const std::size_t capacity = free_capacity_ == 0 ? 1024 : std::size_t{free_capacity_} * 2;
    auto* list = static_cast<std::uint32_t*>(allocate(capacity * sizeof(std::uint32_t)));
    copy_bytes(list, free_, free_count_ * sizeof(std::uint32_t));
    if (free_ != nullptr) deallocate(free_, free_capacity_ * sizeof(std::uint32_t));
    free_ = list;
    free_capacity_ = static_cast<std::uint32_t>(capacity);
  }

  SpinMutex mutex_;
  std::uint32_t last_ = 0;
  std::uint32_t* free_ = nullptr;
  std::uint32_t free_count_ = 0;
  std::uint32_t free_capacity_ = 0;
  std::atomic<T*> chunks_[kChunks] = {};
};

}  // namespace csp::race
