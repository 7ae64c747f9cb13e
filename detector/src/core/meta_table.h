#pragma once
// Synchronisation objects and heap blocks by address.
//
// Each granule of the program's memory heads a chain of what is known to begin in it. So looking up an
// address takes no hash, and giving back a range of memory finds all that was in it.

#include "core/calling_context.h"
#include "core/shadow_memory.h"
#include "core/vector_clock.h"

namespace csp::race {

struct AgentRecord;

/// What was released to an address, and by whom last.
///
/// `mutex` guards the rest. Operations on an atomic are done under it, so that a value and the clock
/// it carries are never seen apart.
struct SyncVar {
  Address address = 0;
  std::uint32_t next = 0;
  SpinMutex mutex;
  VectorClock clock;
  Epoch sole;  // When `clock` is exactly what this epoch released: who covers it has acquired all. kNone when merged.
};

struct HeapBlock {
  Address address = 0;
  std::size_t size = 0;  // As asked for, in bytes.
  std::uint32_t next = 0;
  ContextId context = ContextId::kEmpty;  // Where it was allocated, and by whom.
  const AgentRecord* agent = nullptr;
};

/// The SyncVar of exactly `address`; made when absent. Thread-safe.
SyncVar& sync_var(Address address);
/// Or null when nobody has synchronised there.
SyncVar* find_sync_var(Address address);

/// Forgets the SyncVars in a range. Thread-safe.
void forget_sync_vars(Address address, std::size_t size);

void add_block(Address address, std::size_t size, ContextId context, const AgentRecord* agent);
/// Takes the block that begins at `address` out; its size, or SIZE_MAX when there is none.
std::size_t remove_block(Address address);
/// Copies the block that contains `address`; false when there is none. Cold: looks backwards.
bool find_block(Address address, HeapBlock* found);
/// Visits every block, region by region.
void for_each_block(void (*visit)(void* context, const HeapBlock& block), void* context);

}  // namespace csp::race
