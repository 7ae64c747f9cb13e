#include "core/heap_index.h"

#include "core/meta_table.h"
#include "csp/leak/leak_tracker.h"

namespace csp::race {
namespace {

bool find(std::uintptr_t address, std::uintptr_t* base, std::size_t* size) {
  if (!is_user_address(address)) return false;
  HeapBlock block;
  if (!find_block(address, &block)) return false;
  *base = block.address;
  *size = block.size;
  return true;
}

/// What glibc's allocator keeps around a block: the arena or mapping it was cut from. A block's neighbours
/// there are blocks that we know as well, free memory, or the allocator's own state.
struct ArenaRange {
  Address low;
  Address high;
};

ArenaRange arena_of(const HeapBlock& block) {
  // A chunk's size field is the word before the block; its low bits tell where it came from.
  constexpr std::size_t kMapped = 2;
  constexpr std::size_t kOtherArena = 4;
  constexpr Address kHeapAlignment = Address{64} << 20;
  const auto* header = reinterpret_cast<const std::size_t*>(block.address) - 2;
  const std::size_t size = header[1] & ~std::size_t{7};
  if ((header[1] & kMapped) != 0) {
    const Address low = block.address - 16 - header[0];
    return {low, low + header[0] + size};
  }
  if ((header[1] & kOtherArena) != 0) {
    // heap_info at the aligned start: arena, previous heap, size in use.
    const Address low = block.address & ~(kHeapAlignment - 1);
    return {low, low + reinterpret_cast<const std::size_t*>(low)[2]};
  }
  return {};  // From brk: the leak tracker knows that mapping by its name.
}

void for_each_private_range(void (*visit)(void* context, const void* low, const void* high), void* context) {
  struct Walk {
    void (*visit)(void* context, const void* low, const void* high);
    void* context;
    ArenaRange last;
  } walk{visit, context, {}};
  for_each_block(
      [](void* data, const HeapBlock& block) {
        auto* state = static_cast<Walk*>(data);
        const ArenaRange range = arena_of(block);
        if (range.low == 0 || (range.low == state->last.low && range.high == state->last.high)) return;
        state->last = range;
        state->visit(state->context, reinterpret_cast<const void*>(range.low), reinterpret_cast<const void*>(range.high));
      },
      &walk);
  for_each_mapping(visit, context);
}

constexpr leak::HeapIndex kIndex = {.find = find, .for_each_private_range = for_each_private_range};

}  // namespace

void offer_heap_index() { leak::offer_heap(&kIndex); }

}  // namespace csp::race
