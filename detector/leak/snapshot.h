#pragma once
// All goroutines at one moment, copied out of the runtime's records.

#include <cstddef>
#include <cstdint>

#include "agents.h"
#include "csp/inspect.h"
#include "private_memory.h"

namespace csp::leak {

struct Goroutine {
  std::uint64_t id;
  std::uint64_t parent;
  char name[48];
  hooks::GoroutineState state;
  hooks::WaitReason reason;
  bool timer_wakes;
  std::int64_t waiting_ns;
  std::size_t objects_first;  // What it waits on: objects[objects_first ..), that many.
  std::size_t objects_size;
  std::size_t stack_first;  // Its return addresses: pcs[stack_first ..), that many.
  std::size_t stack_size;
  std::uintptr_t created_pc;
  const AgentRecord* record;  // Null when it was made before we listened.
  std::uintptr_t stack_pointer;
  std::uintptr_t stack_low;
  std::uintptr_t stack_high;
  std::uintptr_t closure;
  std::size_t closure_size;
};

/// Not thread-safe.
struct Snapshot {
  MappedVector<Goroutine> goroutines;  // In order of id.
  MappedVector<std::uintptr_t> objects;
  MappedVector<std::uintptr_t> pcs;
  bool complete = true;  // False when memory ran out.

  /// The inspector must be frozen.
  void take(const hooks::Inspector& inspector);
  const Goroutine* find(std::uint64_t id) const;

  report::Span<std::uintptr_t> waits_on(const Goroutine& goroutine) const {
    return {objects.data() + goroutine.objects_first, goroutine.objects_size};
  }
  report::Stack stack(const Goroutine& goroutine) const {
    return {pcs.data() + goroutine.stack_first, goroutine.stack_size};
  }
};

/// What the finding says of `goroutine`. Refers to both.
report::AgentInfo describe(const Snapshot& snapshot, const Goroutine& goroutine);

}  // namespace csp::leak
