#include "memory_map.h"

#include <fcntl.h>

#include "csp/report/system.h"

namespace csp::leak {
namespace {

using report::system_call;

bool read_file(const char* path, MappedVector<char>& text) {
  const long fd = system_call(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0);
  if (fd < 0) return false;
  bool complete = true;
  for (;;) {
    char part[1024];
    const long got = system_call(SYS_read, fd, part, sizeof part);
    if (got == -EINTR) continue;
    if (got < 0) complete = false;
    if (got <= 0) break;
    for (long i = 0; i < got; ++i) complete = complete && text.push_back(part[i]);
  }
  system_call(SYS_close, fd);
  return complete && text.push_back('\0');
}

std::uintptr_t parse_hex(const char*& at) {
  std::uintptr_t value = 0;
  for (;; ++at) {
    if (*at >= '0' && *at <= '9') {
      value = value * 16 + static_cast<std::uintptr_t>(*at - '0');
    } else if (*at >= 'a' && *at <= 'f') {
      value = value * 16 + static_cast<std::uintptr_t>(*at - 'a' + 10);
    } else {
      return value;
    }
  }
}

bool starts_with(const char* text, const char* prefix) {
  while (*prefix != '\0') {
    if (*text++ != *prefix++) return false;
  }
  return true;
}

bool ends_with_name(const char* path, const char* name) {
  const char* last = path;
  for (const char* at = path; *at != '\0'; ++at) {
    if (*at == '/') last = at + 1;
  }
  return starts_with(last, name);
}

void skip_word(const char*& at) {
  while (*at != ' ' && *at != '\0') ++at;
  while (*at == ' ') ++at;
}

// "7f00-7f01 rw-p 00000000 08:01 123   /path", the zero-terminated line at `at`.
Mapping parse_line(const char* at) {
  Mapping mapping{};
  mapping.low = parse_hex(at);
  ++at;
  mapping.high = parse_hex(at);
  ++at;
  const bool readable = at[0] == 'r';
  const bool shared = at[3] == 's';
  for (int i = 0; i < 4; ++i) skip_word(at);  // Permissions, offset, device, inode.
  using Kind = Mapping::Kind;
  mapping.kind = Kind::kAnonymous;
  if (starts_with(at, "[heap]")) mapping.kind = Kind::kHeap;
  if (starts_with(at, "[stack]")) mapping.kind = Kind::kMainStack;
  if (at[0] == '/') mapping.kind = shared ? Kind::kSharedFile : Kind::kFile;
  mapping.of_libc = ends_with_name(at, "libc.so.6");
  const bool kernel = starts_with(at, "[v");
  const bool device = starts_with(at, "/dev/") && !starts_with(at, "/dev/shm/") && !starts_with(at, "/dev/zero");
  mapping.searchable = readable && !kernel && !device;
  return mapping;
}

}  // namespace

bool read_mappings(MappedVector<Mapping>& mappings) {
  mappings.clear();
  MappedVector<char> text;
  if (!read_file("/proc/self/maps", text)) return false;
  for (std::size_t start = 0, i = 0; i < text.size(); ++i) {
    if (text[i] != '\n') continue;
    text[i] = '\0';
    if (!mappings.push_back(parse_line(&text[start]))) return false;
    start = i + 1;
  }
  return !mappings.empty();
}

void RangeSet::seal() {
  if (ranges_.empty()) return;
  sort(ranges_.data(), ranges_.size(), [](const MemoryRange& a, const MemoryRange& b) { return a.low < b.low; });
  std::size_t last = 0;
  for (std::size_t i = 1; i < ranges_.size(); ++i) {
    if (ranges_[i].low > ranges_[last].high) {
      ranges_[++last] = ranges_[i];
    } else if (ranges_[i].high > ranges_[last].high) {
      ranges_[last].high = ranges_[i].high;
    }
  }
  ranges_.resize(last + 1);
}

std::size_t RangeSet::first_ending_after(std::uintptr_t address) const {
  std::size_t low = 0;
  std::size_t high = ranges_.size();
  while (low < high) {
    const std::size_t middle = (low + high) / 2;
    if (ranges_[middle].high <= address)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

PageMap::PageMap() : fd_(system_call(SYS_openat, AT_FDCWD, "/proc/self/pagemap", O_RDONLY | O_CLOEXEC, 0)) {}

PageMap::~PageMap() {
  if (fd_ >= 0) system_call(SYS_close, fd_);
}

std::size_t PageMap::load(std::uintptr_t page, std::uintptr_t high) {
  std::size_t wanted = (high - page + 4095) / 4096;
  if (wanted > kEntries) wanted = kEntries;
  const long got = fd_ < 0 ? 0
                           : system_call(SYS_pread64, fd_, entries_, wanted * sizeof entries_[0],
                                         static_cast<long>(page / 4096 * sizeof entries_[0]));
  const std::size_t known = got > 0 ? static_cast<std::size_t>(got) / sizeof entries_[0] : 0;
  // Where the kernel does not tell, any page may hold anything.
  for (std::size_t i = known; i < wanted; ++i) entries_[i] = ~std::uint64_t{0} & ~(std::uint64_t{1} << 61);
  return wanted;
}

bool PageMap::may_refer(std::uint64_t entry, Mapping::Kind kind) {
  const bool present = (entry >> 63 & 1) != 0;
  const bool swapped = (entry >> 62 & 1) != 0;
  const bool of_file = (entry >> 61 & 1) != 0;
  if (!present && !swapped) return false;
  // A private page of a file that nobody wrote to holds what the file holds.
  return kind != Mapping::Kind::kFile || swapped || !of_file;
}

}  // namespace csp::leak
