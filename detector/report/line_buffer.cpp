#include "line_buffer.h"

#include <sys/mman.h>

#include "csp/report/system.h"

namespace csp::report {

bool LineBuffer::start() {
  size_ = 0;
  overflowed_ = false;
  if (data_ != nullptr) return true;
  const long mapped = system_call(SYS_mmap, nullptr, kCapacity, PROT_READ | PROT_WRITE,
                                  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0L);
  if (mapped < 0 && mapped > -4096) return false;
  data_ = reinterpret_cast<char*>(mapped);
  return true;
}

void LineBuffer::finish() {
  if (size_ > kKept) system_call(SYS_madvise, data_ + kKept, kCapacity - kKept, MADV_DONTNEED);
  size_ = 0;
}

void LineBuffer::put_decimal(std::uint64_t value) {
  char digits[20];
  std::size_t count = 0;
  do {
    digits[count++] = static_cast<char>('0' + value % 10);
    value /= 10;
  } while (value != 0);
  while (count != 0) put(digits[--count]);
}

void LineBuffer::put_decimal(std::int64_t value) {
  if (value < 0) put('-');
  put_decimal(value < 0 ? std::uint64_t{0} - static_cast<std::uint64_t>(value) : static_cast<std::uint64_t>(value));
}

void LineBuffer::put_hex(std::uint64_t value) {
  put("0x");
  int shift = 60;
  while (shift > 0 && (value >> shift) == 0) shift -= 4;
  for (; shift >= 0; shift -= 4) put("0123456789abcdef"[(value >> shift) & 15]);
}

}  // namespace csp::report
