#pragma once
// Memory of our own, straight from the kernel.
//
// Not malloc's, for two reasons: we run inside it, and what we note down (addresses of locks, channels,
// stacks) must not count as a reference when the marker looks for references.

#include <cstddef>
#include <cstdint>

#include "csp/report/own_builtins.h"
#include "csp/report/spin_mutex.h"

namespace csp::leak {

using report::SpinGuard;
using report::SpinMutex;

/// Zeroed pages, or null. Thread-safe, as are the others.
void* map_private(std::size_t size);
/// Like mremap: the contents stay, the address may change. Null leaves the old pages as they were.
void* remap_private(void* memory, std::size_t old_size, std::size_t new_size);
void unmap_private(void* memory, std::size_t size);
void for_each_own_range(void (*visit)(void* context, const void* low, const void* high), void* context);

/// For fork.
void lock_ranges();
void unlock_ranges();

/// A growing array of trivially copyable T. Not thread-safe. Nothing is freed but by the destructor or clear_memory().
template <class T>
class MappedVector {
 public:
  constexpr MappedVector() = default;
  ~MappedVector() { clear_memory(); }
  MappedVector(const MappedVector&) = delete;
  MappedVector& operator=(const MappedVector&) = delete;

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  T& operator[](std::size_t i) { return data_[i]; }
  const T& operator[](std::size_t i) const { return data_[i]; }
  T* data() { return data_; }
  const T* data() const { return data_; }
  T* begin() { return data_; }
  T* end() { return data_ + size_; }
  const T* begin() const { return data_; }
  const T* end() const { return data_ + size_; }
  T& back() { return data_[size_ - 1]; }

  /// False without memory.
  bool push_back(const T& value) {
    if (size_ == capacity_ && !grow(size_ + 1)) return false;
    data_[size_++] = value;
    return true;
  }
  /// New elements are zero bytes. False without memory.
  bool resize(std::size_t size) {
    if (size > capacity_ && !grow(size)) return false;
    while (size_ < size) data_[size_++] = T{};
    size_ = size;
    return true;
  }
  void pop_back() { --size_; }
  void clear() { size_ = 0; }
  void clear_memory() {
    if (data_ != nullptr) unmap_private(data_, capacity_ * sizeof(T));
    data_ = nullptr;
    size_ = capacity_ = 0;
  }

 private:
  bool grow(std::size_t needed) {
    constexpr std::size_t kFirst = sizeof(T) < 4096 ? 4096 / sizeof(T) : 1;
    std::size_t capacity = capacity_ == 0 ? kFirst : capacity_ * 2;
    if (capacity < needed) capacity = needed;
    void* memory = data_ == nullptr ? map_private(capacity * sizeof(T))
                                    : remap_private(data_, capacity_ * sizeof(T), capacity * sizeof(T));
    if (memory == nullptr) return false;
    data_ = static_cast<T*>(memory);
    capacity_ = capacity;
    return true;
  }

  T* data_ = nullptr;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

/// Objects of one type, recycled, never moved. Not thread-safe.
template <class T>
class Pool {
 public:
  /// A value-initialized T, or null without memory.
  T* create() {
    if (free_ == nullptr && !refill()) return nullptr;
    Slot* slot = free_;
    free_ = slot->next;
    slot->object = T{};
    return &slot->object;
  }
  void destroy(T* object) {
    Slot* slot = reinterpret_cast<Slot*>(object);
    slot->next = free_;
    free_ = slot;
  }

 private:
  union Slot {
    Slot* next;
    T object;
  };
  static constexpr std::size_t kBytes = std::size_t{256} << 10;

  bool refill() {
    auto* slots = static_cast<Slot*>(map_private(kBytes));
    if (slots == nullptr) return false;
    for (std::size_t i = 0; i < kBytes / sizeof(Slot); ++i) {
      slots[i].next = free_;
      free_ = &slots[i];
    }
    return true;
  }

  Slot* free_ = nullptr;
};

/// Sorts `values` by `less`; heap sort, in place.
template <class T, class Less>
void sort(T* values, std::size_t size, Less less) {
  const auto sift = [&](std::size_t root, std::size_t end) {
    for (std::size_t child = 2 * root + 1; child < end; child = 2 * root + 1) {
      if (child + 1 < end && less(values[child], values[child + 1])) ++child;
      if (!less(values[root], values[child])) return;
      const T swapped = values[root];
      values[root] = values[child];
      values[child] = swapped;
      root = child;
    }
  };
  for (std::size_t i = size / 2; i != 0; --i) sift(i - 1, size);
  for (std::size_t end = size; end > 1; --end) {
    const T swapped = values[0];
    values[0] = values[end - 1];
    values[end - 1] = swapped;
    sift(0, end - 1);
  }
}

}  // namespace csp::leak
