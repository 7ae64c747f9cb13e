#include "core/meta_table.h"

#include "base/indexed_pool.h"

namespace csp::race {
namespace {

constinit IndexedPool<SyncVar> sync_vars;
constinit IndexedPool<HeapBlock> blocks;

// A link of a chain: an index, and which pool it belongs to.
constexpr std::uint32_t kBlockBit = std::uint32_t{1} << 31;

// Chains are changed under one of these, by granule, and followed without.
constexpr unsigned kMutexes = 1024;
constinit SpinMutex mutexes[kMutexes];
SpinMutex& mutex_of(Address address) { return mutexes[(address >> kGranuleBits) * 0x9e3779b1u >> 7 & (kMutexes - 1)]; }

std::atomic<std::uint32_t>& head_of(Region* region, Address address) { return region->meta[granule_of(address)]; }

std::uint32_t next_of(std::uint32_t link) {
  return (link & kBlockBit) != 0 ? blocks.at(link & ~kBlockBit).next : sync_vars.at(link).next;
}

SyncVar* find_in_chain(std::uint32_t link, Address address) {
  for (; link != 0; link = next_of(link)) {
    if ((link & kBlockBit) != 0) continue;
    SyncVar& var = sync_vars.at(link);
    if (var.address == address) return &var;
  }
  return nullptr;
}

/// Takes every link for which `matches(link)` out of the chain; the caller holds its mutex.
template <class Matches, class Destroy>
void unlink_if(std::atomic<std::uint32_t>& head, Matches matches, Destroy destroy) {
  std::uint32_t previous = 0;
  std::uint32_t link = head.load(std::memory_order_relaxed);
  while (link != 0) {
    const std::uint32_t next = next_of(link);
    if (!matches(link)) {
      previous = link;
    } else {
      if (previous == 0) {
        head.store(next, std::memory_order_release);
      } else if ((previous & kBlockBit) != 0) {
        blocks.at(previous & ~kBlockBit).next = next;
      } else {
        sync_vars.at(previous).next = next;
      }
      destroy(link);
    }
    link = next;
  }
}

}  // namespace

SyncVar* find_sync_var(Address address) {
  Region* region = find_region(address);
  if (region == nullptr) return nullptr;
  const std::atomic<std::uint32_t>& head = head_of(region, address);
  const std::uint32_t first = head.load(std::memory_order_acquire);
  if (first == 0) return nullptr;
  if (SyncVar* found = find_in_chain(first, address)) return found;
  // A neighbour in the granule that was recycled under us may have led astray; an edge lost here would accuse the innocent.
  SpinGuard guard(mutex_of(address));
  return find_in_chain(head.load(std::memory_order_relaxed), address);
}

SyncVar& sync_var(Address address) {
  if (!is_user_address(address)) die("synchronisation on an address that is not a user's");
  Region* region = region_of(address);
  std::atomic<std::uint32_t>& head = head_of(region, address);
  if (SyncVar* found = find_in_chain(head.load(std::memory_order_acquire), address)) return *found;
  SpinGuard guard(mutex_of(address));
  const std::uint32_t first = head.load(std::memory_order_relaxed);
  if (SyncVar* found = find_in_chain(first, address)) return *found;
  const std::uint32_t index = sync_vars.create();
  SyncVar& var = sync_vars.at(index);
  var.address = address;
  var.next = first;
  touch(region->meta_touched, granule_of(address));
  head.store(index, std::memory_order_release);  // Pairs with the acquire of those who follow the chain.
  return var;
}

void forget_sync_vars(Address address, std::size_t size) {
  const Address end = address + size;
  for_each_touched_granule(address, size, &Region::meta_touched, [=](Region* region, std::size_t granule) {
    std::atomic<std::uint32_t>& head = region->meta[granule];
    if (head.load(std::memory_order_relaxed) == 0) return;
    SpinGuard guard(mutex_of(region->base + granule * kGranuleSize));
    unlink_if(
        head,
        [=](std::uint32_t link) {
          if ((link & kBlockBit) != 0) return false;
          const Address where = sync_vars.at(link).address;
          return where >= address && where < end;
        },
        [](std::uint32_t link) { sync_vars.destroy(link); });
  });
}

void add_block(Address address, std::size_t size, ContextId context, const AgentRecord* agent) {
  Region* region = region_of(address);
  if (region == nullptr) return;
  const std::uint32_t index = blocks.create();
  HeapBlock& block = blocks.at(index);
  block.address = address;
  block.size = size;
  block.context = context;
  block.agent = agent;
  touch(region->meta_touched, granule_of(address));
  SpinGuard guard(mutex_of(address));
  std::atomic<std::uint32_t>& head = head_of(region, address);
  block.next = head.load(std::memory_order_relaxed);
  head.store(index | kBlockBit, std::memory_order_release);
}

std::size_t remove_block(Address address) {
  Region* region = find_region(address);
  if (region == nullptr) return SIZE_MAX;
  std::atomic<std::uint32_t>& head = head_of(region, address);
  if (head.load(std::memory_order_relaxed) == 0) return SIZE_MAX;
  std::size_t size = SIZE_MAX;
  SpinGuard guard(mutex_of(address));
  unlink_if(
      head,
      [=](std::uint32_t link) { return (link & kBlockBit) != 0 && blocks.at(link & ~kBlockBit).address == address; },
      [&size](std::uint32_t link) {
        size = blocks.at(link & ~kBlockBit).size;
        blocks.destroy(link & ~kBlockBit);
      });
  return size;
}

bool find_block(Address address, HeapBlock* found) {
  for (Address at = address & ~(kGranuleSize - 1);;) {
    Region* region = find_region(at);
    if (region == nullptr) {
      // A block may span a region in which nothing begins, so go on below it; but not for ever.
      if (address - at > (Address{1} << 30) || at < kRegionSize) return false;
      at = (at & ~(kRegionSize - 1)) - kGranuleSize;
      continue;
    }
    if (!is_touched(region->meta_touched, page_of(granule_of(at)))) {
      if (address - at > (Address{1} << 30) || at < kPageSize) return false;
      at = (at & ~(kPageSize - 1)) - kGranuleSize;
      continue;
    }
    for (std::uint32_t link = head_of(region, at).load(std::memory_order_acquire); link != 0; link = next_of(link)) {
      if ((link & kBlockBit) == 0) continue;
      const HeapBlock& block = blocks.at(link & ~kBlockBit);
      if (block.address > address) continue;
      const bool inside = address - block.address < block.size || address == block.address;
      if (inside) {
        found->address = block.address;
        found->size = block.size;
        found->context = block.context;
        found->agent = block.agent;
      }
      return inside;
    }
    at -= kGranuleSize;
  }
}

void for_each_block(void (*visit)(void* context, const HeapBlock& block), void* context) {
  for (Region* region = first_region(); region != nullptr; region = region->next) {
    for (std::size_t page = 0; page < kPagesPerRegion; ++page) {
      if (!is_touched(region->meta_touched, page)) continue;
      constexpr std::size_t granules = kPageSize / kGranuleSize;
      for (std::size_t granule = page * granules; granule < (page + 1) * granules; ++granule) {
        for (std::uint32_t link = region->meta[granule].load(std::memory_order_acquire); link != 0; link = next_of(link)) {
          if ((link & kBlockBit) != 0) visit(context, blocks.at(link & ~kBlockBit));
        }
      }
    }
  }
}

}  // namespace csp::race
