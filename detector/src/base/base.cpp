#include "base/base.h"

#include <linux/mman.h>
#include <sys/syscall.h>

#include "base/system_calls.h"

namespace csp::race {

void copy_bytes(void* to, const void* from, std::size_t size) {
  auto* target = static_cast<unsigned char*>(to);
  const auto* source = static_cast<const unsigned char*>(from);
#if defined(__x86_64__)
  if (target <= source || target >= source + size) {
    __asm__ volatile("rep movsb" : "+D"(target), "+S"(source), "+c"(size) : : "memory");
    return;
  }
#else
  if (target <= source || target >= source + size) {
    for (std::size_t i = 0; i < size; ++i) const_cast<volatile unsigned char*>(target)[i] = source[i];
    return;
  }
#endif
  // volatile: a compiler would turn the loop into a call of memmove.
  for (std::size_t i = size; i > 0; --i) const_cast<volatile unsigned char*>(target)[i - 1] = source[i - 1];
}

void zero_bytes(void* to, std::size_t size) {
#if defined(__x86_64__)
  __asm__ volatile("rep stosb" : "+D"(to), "+c"(size) : "a"(0) : "memory");
#else
  for (std::size_t i = 0; i < size; ++i) static_cast<volatile unsigned char*>(to)[i] = 0;
#endif
}

std::size_t string_length(const char* text) {
  std::size_t length = 0;
  while (*static_cast<const volatile char*>(text + length) != 0) ++length;
  return length;
}

void die(const char* text) {
  const char prefix[] = "csp-race: fatal: ";
  system_call(SYS_write, 2, reinterpret_cast<long>(prefix), sizeof(prefix) - 1);
  system_call(SYS_write, 2, reinterpret_cast<long>(text), static_cast<long>(string_length(text)));
  system_call(SYS_write, 2, reinterpret_cast<long>("\n"), 1);
  system_call(SYS_exit_group, 125);
  __builtin_unreachable();
}

namespace {

// What map_memory gave out. Neighbours merge, so that the list stays short. When it is full, mappings
// go unlisted: a search for references then looks into them too, and finds more alive, never less.
struct MappedRange {
  Address low;
  Address high;
};
constexpr std::size_t kMappedRanges = 1u << 15;
constinit SpinMutex mapped_mutex;
constinit MappedRange mapped[kMappedRanges] = {};
constinit std::size_t mapped_count = 0;

void remember_mapping(Address low, Address high) {
  SpinGuard guard(mapped_mutex);
  // The kernel maps downwards, below what it gave last.
  for (std::size_t i = mapped_count; i > 0 && i + 8 > mapped_count; --i) {
    MappedRange& range = mapped[i - 1];
    if (range.low == high) {
      range.low = low;
      return;
    }
    if (range.high == low) {
      range.high = high;
      return;
    }
  }
  if (mapped_count < kMappedRanges) mapped[mapped_count++] = {low, high};
}

void forget_mapping(Address low, Address high) {
  SpinGuard guard(mapped_mutex);
  for (std::size_t i = 0; i < mapped_count; ++i) {
    MappedRange& range = mapped[i];
    if (low < range.low || high > range.high) continue;
    const MappedRange above{high, range.high};
    range.high = low;
    if (range.low == range.high) range = mapped[--mapped_count];
    if (above.low != above.high && mapped_count < kMappedRanges) mapped[mapped_count++] = above;
    return;
  }
}

}  // namespace

void for_each_mapping(void (*visit)(void* context, const void* low, const void* high), void* context) {
  for (std::size_t i = 0; i < mapped_count; ++i) {
    visit(context, reinterpret_cast<const void*>(mapped[i].low), reinterpret_cast<const void*>(mapped[i].high));
  }
}

void* map_memory(std::size_t size) {
  const long result = system_call(SYS_mmap, 0, static_cast<long>(size), PROT_READ | PROT_WRITE,
                                  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (failed(result)) die("the detector has no memory left (mmap failed); raise the limit (ulimit -v, cgroup) or shrink the input");
  const std::size_t whole_pages = (size + 4095) & ~std::size_t{4095};
  remember_mapping(static_cast<Address>(result), static_cast<Address>(result) + whole_pages);
  return reinterpret_cast<void*>(result);
}

void unmap_memory(void* memory, std::size_t size) {
  const auto low = reinterpret_cast<Address>(memory);
  forget_mapping(low, low + ((size + 4095) & ~std::size_t{4095}));
  system_call(SYS_munmap, reinterpret_cast<long>(memory), static_cast<long>(size));
}

namespace {

// Size classes: four to a doubling, from 16 bytes. A class keeps a list of free pieces and cuts new
// ones from its current slab.
constexpr std::size_t kSmallest = 16;
constexpr unsigned kClasses = 72;
constexpr std::size_t kSlab = std::size_t{256} << 10;

constexpr std::size_t class_size(unsigned index) {
  const unsigned doubling = index / 4;
  const unsigned quarter = index % 4;
  const std::size_t base = kSmallest << doubling;
  return (base + base / 4 * quarter + 15) / 16 * 16;
}

unsigned class_of(std::size_t size) {
  if (size <= kSmallest) return 0;
  // The doubling that `size` falls into, then the quarter.
  const unsigned doubling = 63 - static_cast<unsigned>(__builtin_clzl(size - 1)) - 4;
  unsigned index = doubling * 4;
  while (class_size(index) < size) ++index;
  return index;
}

static_assert(class_size(64) == kAllocateMax, "the classes reach as far as they must");

struct FreePiece {
  FreePiece* next;
};

struct SizeClass {
  SpinMutex mutex;
  FreePiece* free = nullptr;
  char* slab = nullptr;  // What is left of the current slab.
  std::size_t left = 0;
};

constinit SizeClass classes[kClasses];

}  // namespace

void* allocate(std::size_t size) {
  if (size > kAllocateMax) return map_memory(size);
  const unsigned index = class_of(size);
  const std::size_t piece = class_size(index);
  SizeClass& sizes = classes[index];
  FreePiece* recycled;
  {
    SpinGuard guard(sizes.mutex);
    recycled = sizes.free;
    if (recycled == nullptr) {
      if (sizes.left < piece) {
        sizes.left = piece > kSlab ? piece : kSlab / piece * piece;
        sizes.slab = static_cast<char*>(map_memory(sizes.left));
      }
      void* fresh = sizes.slab;
      sizes.slab += piece;
      sizes.left -= piece;
      return fresh;  // Zeroed by the kernel.
    }
    sizes.free = recycled->next;
  }
  zero_bytes(recycled, size);
  return recycled;
}

void deallocate(void* memory, std::size_t size) {
  if (size > kAllocateMax) return unmap_memory(memory, size);
  SizeClass& sizes = classes[class_of(size)];
  SpinGuard guard(sizes.mutex);
  auto* piece = static_cast<FreePiece*>(memory);
  piece->next = sizes.free;
  sizes.free = piece;
}

}  // namespace csp::race
