#pragma once
// The hot path, whole: an access that its agent has made before in this epoch is known to be checked.
// Everything else leaves by a tail call.

#include "core/shadow_memory.h"
#include "core/thread_state.h"

namespace csp::race {

enum class AccessKind : std::uint8_t { kRead, kWrite };

/// Checks and remembers an access of any size, when the fast path could not tell. `pc` is a return address.
CSP_COLD void check_access_slow(Address address, std::size_t size, AccessKind kind, bool atomic, Address pc);

/// An atomic access by code that is inside the detector already (busy.h) and knows its agent.
void check_access_busy(ThreadState& thread, Address address, std::size_t size, AccessKind kind, Address pc);

/// Whether `thread` has made the access to the bytes `mask` of the granule before, in this epoch, or a stronger one.
CSP_HOT bool is_known(const ThreadState& thread, const ShadowCell& cell, unsigned mask, AccessKind kind,
                      bool atomic = false) {
  // Relaxed: our own earlier store, or another's, in which case the slow path looks again.
  const ShadowWord write(cell.write.load(std::memory_order_relaxed));
  const ShadowWord own_write(thread.epoch_bits | ShadowWord::of({}, true, false, mask).bits());
  if (write.same_epoch_covers(own_write)) return true;  // For a read, too: who races with it races with the write.
  const ShadowWord own(thread.epoch_bits | ShadowWord::of({}, kind == AccessKind::kWrite, atomic, mask).bits());
  if (kind == AccessKind::kWrite) return atomic && write.same_epoch_covers(own);
  return ShadowWord(cell.read.load(std::memory_order_relaxed)).same_epoch_covers(own);
}

/// A read or write of 1, 2, 4 or 8 bytes, not across granules.
template <unsigned kSize>
CSP_HOT void check_access(Address address, AccessKind kind, Address pc) {
  const ThreadState* thread = current_agent;
  if (CSP_LIKELY(thread != nullptr)) {
    if (const Region* region = find_region(address); CSP_LIKELY(region != nullptr)) {
      const unsigned mask = ((1u << kSize) - 1) << (address & (kGranuleSize - 1));
      if (is_known(*thread, region->cells[granule_of(address)], mask, kind)) return;
    }
  }
  return check_access_slow(address, kSize, kind, false, pc);
}

/// A read or write of 16 bytes, as vector code makes them: mostly two whole granules.
CSP_HOT void check_access_wide(Address address, AccessKind kind, Address pc) {
  const ThreadState* thread = current_agent;
  if (CSP_LIKELY(thread != nullptr && (address & (kGranuleSize - 1)) == 0)) {
    const std::size_t granule = granule_of(address);
    if (const Region* region = find_region(address);
        CSP_LIKELY(region != nullptr && granule + 1 < kGranulesPerRegion)) {
      if (is_known(*thread, region->cells[granule], 0xff, kind) &&
          is_known(*thread, region->cells[granule + 1], 0xff, kind)) {
        return;
      }
    }
  }
  return check_access_slow(address, 16, kind, false, pc);
}

/// Counts the access as a free of the block.
CSP_COLD void check_free(Address address, std::size_t size, Address pc);

/// Forgets all accesses to a range: it begins anew.
void forget_accesses(Address address, std::size_t size);

}  // namespace csp::race
