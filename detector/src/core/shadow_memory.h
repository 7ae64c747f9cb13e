#pragma once
// From a program's address to what the detector knows of it.
//
// Memory is known by granules of eight bytes, in regions of 4 MiB. A table maps each region of the
// 47-bit address space to its shadow, made when something there is first remembered:
//
//   address   46 ........ 22   21 ........ 3   2 .. 0
//             region           granule         byte
//
// A table rather than arithmetic, so that no layout of the address space (ASLR at any strength, no
// ASLR, huge arenas) is unexpected. It costs one load that nearly always hits the first-level cache.

#include "base/base.h"
#include "core/shadow_word.h"

namespace csp::race {

inline constexpr unsigned kGranuleBits = 3;
inline constexpr unsigned kRegionBits = 22;
inline constexpr unsigned kAddressBits = 47;
inline constexpr std::size_t kGranuleSize = std::size_t{1} << kGranuleBits;
inline constexpr std::size_t kRegionSize = std::size_t{1} << kRegionBits;
inline constexpr std::size_t kGranulesPerRegion = kRegionSize >> kGranuleBits;
inline constexpr std::size_t kPageSize = 4096;
inline constexpr std::size_t kPagesPerRegion = kRegionSize / kPageSize;
inline constexpr std::size_t kRegions = std::size_t{1} << (kAddressBits - kRegionBits);

/// What is remembered of a granule, when two places are enough: a write and a read. When more must
/// be kept, `write` names a SideCell and `read` is empty.
///
/// `write` doubles as the granule's lock (ShadowWord::locked()). Both are written under it only;
/// `read` may be looked at without.
struct ShadowCell {
  std::atomic<std::uint64_t> write;
  std::atomic<std::uint64_t> read;
};

/// The calling contexts of a cell's accesses; touched when they change. Guarded by the cell's lock.
struct ShadowContexts {
  ContextId write;
  ContextId read;
};

/// One bit for each page of a region.
using PageBits = std::atomic<std::uint64_t>[kPagesPerRegion / 64];

/// The shadow of 4 MiB.
struct Region {
  ShadowCell* cells;
  ShadowContexts* contexts;
  std::atomic<std::uint32_t>* meta;  // Heads of the granules' chains of synchronisation objects and heap blocks: meta_table.h.
  Region* next;                      // Regions, newest first.
  Address base;                      // The program's address.
  PageBits touched;                  // Pages with anything in `cells`.
  PageBits meta_touched;             // Likewise in `meta`.
};

/// The table; null until shadow_initialize().
extern std::atomic<Region*>* region_table;

void shadow_initialize();

/// The region of `address`, or null when nothing is remembered there (or it is no user address).
CSP_HOT Region* find_region(Address address) {
  const Address index = address >> kRegionBits;
  if (CSP_UNLIKELY(index >= kRegions)) return nullptr;
  // acquire: pairs with the release in make_region().
  return region_table[index].load(std::memory_order_acquire);
}

CSP_COLD Region* make_region(Address address);

inline Region* region_of(Address address) {
  Region* region = find_region(address);
  return CSP_LIKELY(region != nullptr) ? region : make_region(address);
}

/// Whether an address can be a program's at all.
inline bool is_user_address(Address address) { return address >> kAddressBits == 0; }

CSP_HOT std::size_t granule_of(Address address) { return (address & (kRegionSize - 1)) >> kGranuleBits; }

inline std::size_t page_of(std::size_t granule) { return granule / (kPageSize / kGranuleSize); }

inline bool is_touched(const PageBits& pages, std::size_t page) {
  return (pages[page / 64].load(std::memory_order_relaxed) >> page % 64 & 1) != 0;
}

inline void touch(PageBits& pages, std::size_t granule) {
  const std::size_t page = page_of(granule);
  const std::uint64_t bit = std::uint64_t{1} << (page % 64);
  if ((pages[page / 64].load(std::memory_order_relaxed) & bit) == 0) pages[page / 64].fetch_or(bit, std::memory_order_relaxed);
}

/// The newest region; follow `next`.
Region* first_region();

/// Calls visit(region, granule) for the granules of a range, but for those of pages and regions in which nothing was ever noted.
template <class Visit>
void for_each_touched_granule(Address address, std::size_t size, PageBits Region::* pages, Visit visit) {
  const Address end = address + size;
  for (Address at = address & ~(kGranuleSize - 1); at < end;) {
    Region* region = find_region(at);
    if (region == nullptr) {
      at = (at | (kRegionSize - 1)) + 1;
    } else if (const std::size_t granule = granule_of(at); !is_touched(region->*pages, page_of(granule))) {
      at = (at | (kPageSize - 1)) + 1;
    } else {
      visit(region, granule);
      at += kGranuleSize;
    }
  }
}

}  // namespace csp::race
