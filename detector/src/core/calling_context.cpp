#include "core/calling_context.h"

#include "base/indexed_pool.h"

namespace csp::race {
namespace {

struct ContextNode {
  Address pc = 0;
  ContextId parent = ContextId::kEmpty;
};

constinit IndexedPool<ContextNode> nodes;

constexpr unsigned kShards = 64;

/// A set of node numbers by what they hold: open addressing, grown at three quarters full.
struct Shard {
  SpinMutex mutex;
  std::uint32_t* slots = nullptr;
  std::size_t capacity = 0;
  std::size_t count = 0;
};
constinit Shard shards[kShards];

std::uint64_t hash_of(ContextId parent, Address pc) {
  std::uint64_t hash = pc * 0x9e3779b97f4a7c15u;
  hash ^= (std::uint64_t{static_cast<std::uint32_t>(parent)} + 1) * 0xc2b2ae3d27d4eb4fu;
  hash ^= hash >> 29;
  hash *= 0xbf58476d1ce4e5b9u;
  return hash ^ hash >> 32;
}

/// Where (parent, pc) is, or the empty slot where it belongs.
std::uint32_t* find_slot(Shard& shard, std::uint64_t hash, ContextId parent, Address pc) {
  for (std::size_t i = hash >> 8;; ++i) {
    std::uint32_t& slot = shard.slots[i & (shard.capacity - 1)];
    if (slot == 0) return &slot;
    const ContextNode& node = nodes.at(slot);
    if (node.pc == pc && node.parent == parent) return &slot;
  }
}

void grow(Shard& shard) {
  const std::size_t old_capacity = shard.capacity;
  std::uint32_t* old = shard.slots;
  shard.capacity = old_capacity == 0 ? 256 : old_capacity * 2;
  shard.slots = static_cast<std::uint32_t*>(allocate(shard.capacity * sizeof(std::uint32_t)));
  for (std::size_t i = 0; i < old_capacity; ++i) {
    if (old[i] == 0) continue;
    const ContextNode& node = nodes.at(old[i]);
    *find_slot(shard, hash_of(node.parent, node.pc), node.parent, node.pc) = old[i];
  }
  if (old != nullptr) deallocate(old, old_capacity * sizeof(std::uint32_t));
}

// The last contexts this OS thread has asked for, by hash: most look-ups end here, without a lock.
struct CacheEntry {
  Address pc;
  ContextId parent;
  ContextId context;
};
constexpr unsigned kCacheSize = 256;
__thread CacheEntry cache[kCacheSize];

}  // namespace

ContextId intern(ContextId parent, Address pc) {
  const std::uint64_t hash = hash_of(parent, pc);
  CacheEntry& cached = cache[hash >> 16 & (kCacheSize - 1)];
  if (cached.pc == pc && cached.parent == parent && cached.context != ContextId::kEmpty) return cached.context;
  Shard& shard = shards[hash % kShards];
  std::uint32_t index;
  {
    SpinGuard guard(shard.mutex);
    if (shard.count * 4 >= shard.capacity * 3) grow(shard);
    std::uint32_t* slot = find_slot(shard, hash, parent, pc);
    if (*slot == 0) {
      const std::uint32_t fresh = nodes.create();
      nodes.at(fresh) = ContextNode{pc, parent};
      *slot = fresh;
      ++shard.count;
    }
    index = *slot;
  }
  cached = {pc, parent, ContextId{index}};
  return ContextId{index};
}

std::size_t expand(ContextId context, Address* pcs, std::size_t capacity) {
  std::size_t depth = 0;
  while (context != ContextId::kEmpty && depth < capacity) {
    const ContextNode& node = nodes.at(static_cast<std::uint32_t>(context));
    pcs[depth++] = node.pc & ~kFreeMark;
    context = node.parent;
  }
  return depth;
}

Address innermost(ContextId context) {
  return context == ContextId::kEmpty ? 0 : nodes.at(static_cast<std::uint32_t>(context)).pc;
}

}  // namespace csp::race
