#include "private_memory.h"

#include <sys/mman.h>

#include "csp/report/system.h"

namespace csp::leak {
namespace {

using report::system_call;

struct Range {
  const char* low;
  const char* high;
};

constexpr std::size_t kRangesMax = 8192;
constinit SpinMutex ranges_lock;
constinit Range ranges[kRangesMax] = {};
constinit std::size_t ranges_size = 0;

bool remember(void* memory, std::size_t size) {
  SpinGuard guard(ranges_lock);
  if (ranges_size == kRangesMax) return false;
  ranges[ranges_size++] = {static_cast<char*>(memory), static_cast<char*>(memory) + size};
  return true;
}

void forget(void* memory) {
  SpinGuard guard(ranges_lock);
  for (std::size_t i = 0; i < ranges_size; ++i) {
    if (ranges[i].low != memory) continue;
    ranges[i] = ranges[--ranges_size];
    return;
  }
}

}  // namespace

void* map_private(std::size_t size) {
  const long mapped =
      system_call(SYS_mmap, nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0L);
  if (mapped < 0 && mapped > -4096) return nullptr;
  void* memory = reinterpret_cast<void*>(mapped);
  if (remember(memory, size)) return memory;
  system_call(SYS_munmap, memory, size);
  return nullptr;
}

void* remap_private(void* memory, std::size_t old_size, std::size_t new_size) {
  // Moved under the lock: the old address may be somebody else's the moment it is free.
  SpinGuard guard(ranges_lock);
  const long moved = system_call(SYS_mremap, memory, old_size, new_size, MREMAP_MAYMOVE);
  if (moved < 0 && moved > -4096) return nullptr;
  for (std::size_t i = 0; i < ranges_size; ++i) {
    if (ranges[i].low != memory) continue;
    ranges[i] = {reinterpret_cast<char*>(moved), reinterpret_cast<char*>(moved) + new_size};
    break;
  }
  return reinterpret_cast<void*>(moved);
}

void unmap_private(void* memory, std::size_t size) {
  forget(memory);
  system_call(SYS_munmap, memory, size);
}

void lock_ranges() { ranges_lock.lock(); }
void unlock_ranges() { ranges_lock.unlock(); }

void for_each_own_range(void (*visit)(void* context, const void* low, const void* high), void* context) {
  SpinGuard guard(ranges_lock);
  for (std::size_t i = 0; i < ranges_size; ++i) visit(context, ranges[i].low, ranges[i].high);
}

}  // namespace csp::leak
