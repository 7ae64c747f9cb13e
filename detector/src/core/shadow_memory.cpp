#include "core/shadow_memory.h"

namespace csp::race {

constinit std::atomic<Region*>* region_table = nullptr;

namespace {
constinit SpinMutex make_mutex;
constinit std::atomic<Region*> newest{nullptr};
}  // namespace

void shadow_initialize() {
  region_table = static_cast<std::atomic<Region*>*>(map_memory(kRegions * sizeof(region_table[0])));
}

Region* make_region(Address address) {
  const Address index = address >> kRegionBits;
  if (index >= kRegions) return nullptr;
  SpinGuard guard(make_mutex);
  Region* region = region_table[index].load(std::memory_order_relaxed);
  if (region != nullptr) return region;
  // One mapping: neighbours merge in the kernel, and only what is touched becomes memory.
  constexpr std::size_t cells_size = kGranulesPerRegion * sizeof(ShadowCell);
  constexpr std::size_t contexts_size = kGranulesPerRegion * sizeof(ShadowContexts);
  constexpr std::size_t meta_size = kGranulesPerRegion * sizeof(std::uint32_t);
  auto* memory = static_cast<char*>(map_memory(cells_size + contexts_size + meta_size));
  region = static_cast<Region*>(allocate(sizeof(Region)));
  region->cells = reinterpret_cast<ShadowCell*>(memory);
  region->contexts = reinterpret_cast<ShadowContexts*>(memory + cells_size);
  region->meta = reinterpret_cast<std::atomic<std::uint32_t>*>(memory + cells_size + contexts_size);
  region->base = index << kRegionBits;
  region->next = newest.load(std::memory_order_relaxed);
  newest.store(region, std::memory_order_release);
  region_table[index].store(region, std::memory_order_release);
  return region;
}

Region* first_region() { return newest.load(std::memory_order_acquire); }

}  // namespace csp::race
