#pragma once
// Text being put together before it leaves in one write.
//
// One address range is reserved for the largest record there can be (a deadlock of 100,000
// goroutines) and the kernel fills in the pages that are used, so that nothing is ever moved or allocated.

#include <cstddef>
#include <cstdint>

namespace csp::report {

/// Not thread-safe: whoever holds the lock of report.cpp uses it.
class LineBuffer {
 public:
  /// Forgets the contents. False when there is no memory at all.
  bool start();
  /// Gives pages back to the kernel that only an exceptional record needed.
  void finish();

  void put(char c) {
    if (size_ < kCapacity)
      data_[size_++] = c;
    else
      overflowed_ = true;
  }
  void put(const char* text) {
    while (*text != '\0') put(*text++);
  }
  void put_decimal(std::uint64_t value);
  void put_decimal(std::int64_t value);
  void put_hex(std::uint64_t value);  // "0x" and no leading zeros.

  const char* data() const { return data_; }
  std::size_t size() const { return size_; }
  bool overflowed() const { return overflowed_; }

 private:
  static constexpr std::size_t kCapacity = std::size_t{256} << 20;
  static constexpr std::size_t kKept = std::size_t{1} << 20;

  char* data_ = nullptr;
  std::size_t size_ = 0;
  bool overflowed_ = false;
};

}  // namespace csp::report
