#pragma once

#include <atomic>
#include <cstdint>

namespace csp::rt {

struct Goroutine;

/// First-in, first-out ring of runnable goroutines, guarded by its processor's lock.
///
/// Invariants
///   (1) tail_ - head_ is the number of goroutines in it, at most kCapacity. Both only grow, and wrap.
class RunQueue {
 public:
  static constexpr std::uint32_t kCapacity = 256;

  std::uint32_t size() const { return tail_ - head_; }
  bool empty() const { return tail_ == head_; }
  bool full() const { return size() == kCapacity; }
  void push(Goroutine* goroutine) { ring_[tail_++ % kCapacity] = goroutine; }
  Goroutine* pop() { return empty() ? nullptr : ring_[head_++ % kCapacity]; }

 private:
  std::uint32_t head_ = 0;
  std::uint32_t tail_ = 0;
  Goroutine* ring_[kCapacity];
};

/// First-in, first-out list of runnable goroutines, linked through the goroutines themselves. Not thread-safe.
class GoroutineList {
 public:
  bool empty() const { return head_ == nullptr; }
  std::uint32_t size() const { return size_; }
  void push(Goroutine* goroutine);
  Goroutine* pop();
  /// Takes out the one at `index` < size(). O(index).
  Goroutine* take(std::uint32_t index);

 private:
  Goroutine* head_ = nullptr;
  Goroutine* tail_ = nullptr;
  std::uint32_t size_ = 0;
};

}  // namespace csp::rt
