#include "core/check_access.h"

#include "base/indexed_pool.h"
#include "core/busy.h"
#include "core/detector.h"
#include "report/report_race.h"

namespace csp::race {
namespace {

struct Entry {
  ShadowWord word;
  ContextId context;
};

/// The accesses of a granule that needs more than a cell: neighbours in one granule, several readers, atomic beside
/// plain ones. Guarded by the cell's lock.
///
/// Invariants
///   (1) No entry is redundant: each would race with some access that no other entry would.
///   (2) It holds what a cell cannot: two writes, or two reads, at least.
struct SideCell {
  Entry* entries = nullptr;
  std::uint32_t count = 0;
  std::uint32_t capacity = 0;
};
constinit IndexedPool<SideCell> side_cells;

void append(SideCell& side, Entry entry) {
  if (side.count == side.capacity) {
    const std::uint32_t capacity = side.capacity == 0 ? 4 : side.capacity * 2;
    auto* entries = static_cast<Entry*>(allocate(capacity * sizeof(Entry)));
    copy_bytes(entries, side.entries, side.count * sizeof(Entry));
    if (side.entries != nullptr) deallocate(side.entries, side.capacity * sizeof(Entry));
    side.entries = entries;
    side.capacity = capacity;
  }
  side.entries[side.count++] = entry;
}

void destroy_side_cell(std::uint32_t index) {
  SideCell& side = side_cells.at(index);
  if (side.entries != nullptr) deallocate(side.entries, side.capacity * sizeof(Entry));
  side_cells.destroy(index);
}

ShadowWord lock_cell(ShadowCell& cell) {
  for (unsigned round = 0;; ++round) {
    std::uint64_t bits = cell.write.load(std::memory_order_relaxed);
    if (!ShadowWord(bits).is_locked() &&
        cell.write.compare_exchange_weak(bits, ShadowWord::locked().bits(), std::memory_order_acquire,
                                         std::memory_order_relaxed)) {
      return ShadowWord(bits);
    }
    relax(round);
  }
}

void unlock_cell(ShadowCell& cell, ShadowWord write) { cell.write.store(write.bits(), std::memory_order_release); }

/// One access on its way through the granules it touches.
struct Access {
  ThreadState& thread;
  AccessKind kind;
  bool atomic;
  Address pc;
  ContextId context = ContextId::kEmpty;  // Interned when first needed.

  ContextId interned() {
    if (context == ContextId::kEmpty) context = context_of(thread, pc);
    return context;
  }
  ShadowWord word(unsigned mask) const { return ShadowWord::of(thread.now, kind == AccessKind::kWrite, atomic, mask); }
};

bool happened_before(const ThreadState& thread, ShadowWord earlier) {
  return earlier.tid() == thread.now.tid || thread.clock.covers(earlier.epoch());
}

/// What remains of `entry` once `access` is remembered beside it. Adds it to `races` if the two race.
///
/// An ordered entry goes, byte by byte, if whatever would race with it would race with the newcomer
/// too: the newcomer must be a write or the entry a read, and the newcomer plain or the entry atomic.
ShadowWord meet(const Access& access, unsigned mask, Entry entry, RaceList& races) {
  const unsigned common = entry.word.mask() & mask;
  if (common == 0) return entry.word;
  const bool writes = access.kind == AccessKind::kWrite;
  if (happened_before(access.thread, entry.word)) {
    const bool redundant = (writes || !entry.word.write()) && (!access.atomic || entry.word.atomic());
    return redundant ? entry.word.without(mask) : entry.word;
  }
  const bool conflict = (writes || entry.word.write()) && !(access.atomic && entry.word.atomic());
  if (conflict) races.add({entry.word, entry.context, common});
  return entry.word;
}

/// A granule whose accesses are in a side cell. The cell is locked. Returns the word to unlock it with.
ShadowWord check_spilled(Access& access, unsigned mask, ShadowCell& cell, ShadowContexts& contexts, std::uint32_t index,
                         RaceList& races) {
  SideCell& side = side_cells.at(index);
  const ShadowWord own = access.word(mask);
  const ShadowWord own_write = ShadowWord::of(access.thread.now, true, false, mask);
  for (std::uint32_t i = 0; i < side.count; ++i) {
    if (side.entries[i].word.same_epoch_covers(own) || side.entries[i].word.same_epoch_covers(own_write)) {
      return ShadowWord::spilled(index);
    }
  }
  std::uint32_t kept = 0;
  std::uint32_t writes = 0;
  for (std::uint32_t i = 0; i < side.count; ++i) {
    const Entry entry = side.entries[i];
    const ShadowWord rest = meet(access, mask, entry, races);
    if (rest.empty()) continue;
    side.entries[kept++] = {rest, entry.context};
    writes += rest.write() ? 1 : 0;
  }
  side.count = kept;
  append(side, {own, access.interned()});
  writes += own.write() ? 1 : 0;
  if (writes > 1 || side.count - writes > 1) return ShadowWord::spilled(index);
  // Room for all in the cell again. (2)
  ShadowWord write;
  contexts = {};
  for (std::uint32_t i = 0; i < side.count; ++i) {
    if (side.entries[i].word.write()) {
      write = side.entries[i].word;
      contexts.write = side.entries[i].context;
    } else {
      cell.read.store(side.entries[i].word.bits(), std::memory_order_relaxed);
      contexts.read = side.entries[i].context;
    }
  }
  destroy_side_cell(index);
  return write;
}

/// The access's bytes `mask` of one granule: compares with all that is remembered, and remembers it.
void check_granule(Access& access, Address address, unsigned mask) {
  Region* region = region_of(address);
  if (region == nullptr) return;  // No user address: the access itself will fault.
  const std::size_t granule = granule_of(address);
  ShadowCell& cell = region->cells[granule];
  ShadowContexts& contexts = region->contexts[granule];
  touch(region->touched, granule);
  access.thread.last_access = access.thread.now.clock;

  RaceList races;
  ShadowWord write = lock_cell(cell);
  if (write.is_spilled()) {
    write = check_spilled(access, mask, cell, contexts, write.side_cell(), races);
    unlock_cell(cell, write);
  } else {
    const ShadowWord own = access.word(mask);
    ShadowWord read(cell.read.load(std::memory_order_relaxed));
    const Entry old_write{write, contexts.write};
    const Entry old_read{read, contexts.read};
    if (!write.empty()) write = meet(access, mask, old_write, races);
    if (!read.empty()) read = meet(access, mask, old_read, races);
    if (own.write() && write.empty()) {
      write = own;
      contexts.write = access.interned();
    } else if (!own.write() && read.empty()) {
      read = own;
      contexts.read = access.interned();
    } else {
      const std::uint32_t index = side_cells.create();
      SideCell& side = side_cells.at(index);
      if (!write.empty()) append(side, {write, old_write.context});
      if (!read.empty()) append(side, {read, old_read.context});
      append(side, {own, access.interned()});
      write = ShadowWord::spilled(index);
      read = ShadowWord();
    }
    cell.read.store(read.bits(), std::memory_order_relaxed);
    unlock_cell(cell, write);
  }
  if (CSP_UNLIKELY(!races.empty())) {
    report_races(access.thread, address & ~(kGranuleSize - 1), {access.word(mask), access.interned(), mask}, races);
  }
}

void check_range(Access& access, Address address, std::size_t size) {
  const Address end = address + size;
  const Region* region = nullptr;
  for (Address at = address; at < end;) {
    const Address granule_end = (at | (kGranuleSize - 1)) + 1;
    const Address piece_end = granule_end < end ? granule_end : end;
    const unsigned mask = ((1u << (piece_end - at)) - 1) << (at & (kGranuleSize - 1));
    if (region == nullptr || (at & (kRegionSize - 1)) == 0) region = find_region(at);
    if (region == nullptr ||
        !is_known(access.thread, region->cells[granule_of(at)], mask, access.kind, access.atomic)) {
      check_granule(access, at, mask);
    }
    at = piece_end;
  }
}

}  // namespace

void check_access_slow(Address address, std::size_t size, AccessKind kind, bool atomic, Address pc) {
  if (size == 0 || bypass()) return;
  ThreadState& thread = self();
  if (thread.ignore_reads_and_writes > 0) return;
  BusyScope busy;
  if (!busy.entered()) return;
  Access access{thread, kind, atomic, pc};
  check_range(access, address, size);
}

void check_access_busy(ThreadState& thread, Address address, std::size_t size, AccessKind kind, Address pc) {
  if (thread.ignore_reads_and_writes > 0) return;
  Access access{thread, kind, true, pc};
  check_range(access, address, size);
}

void check_free(Address address, std::size_t size, Address pc) {
  if (size == 0 || bypass()) return;
  ThreadState& thread = self();
  if (thread.ignore_reads_and_writes > 0) return;
  BusyScope busy;
  if (!busy.entered()) return;
  Access access{thread, AccessKind::kWrite, false, pc | kFreeMark};
  check_range(access, address, size);
}

void forget_accesses(Address address, std::size_t size) {
  for_each_touched_granule(address, size, &Region::touched, [](Region* region, std::size_t granule) {
    ShadowCell& cell = region->cells[granule];
    if (cell.write.load(std::memory_order_relaxed) == 0 && cell.read.load(std::memory_order_relaxed) == 0) return;
    const ShadowWord write = lock_cell(cell);
    if (write.is_spilled()) destroy_side_cell(write.side_cell());
    cell.read.store(0, std::memory_order_relaxed);
    unlock_cell(cell, ShadowWord());
  });
}

}  // namespace csp::race
