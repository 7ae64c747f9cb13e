#pragma once
// Which goroutines nothing can wake: found, proven and reported.
//
// README.md two folders up says what a proof is worth and where it comes from.

#include <cstddef>
#include <cstdint>

namespace csp::leak {

/// Who brings the leak tracker into the process.
enum class Host : std::uint8_t {
  kRuntime,   // Linked beside the runtime. Reports only when $CSP_RACE_RECORD names a file; proves when asked.
  kDetector,  // The race detector: it has begun the report and will end it.
};
/// Starts listening to the runtime. Idempotent, safe before constructors have run; kDetector adds to an earlier
/// kRuntime. Must come before the first goroutine.
void start(Host host);

/// What the allocator's owner knows of the heap. Without one all heap memory is taken for reachable: nothing is
/// proven wrongly, but less is proven.
///
/// Every function is called while all other threads are stopped wherever they happened to be, perhaps in malloc:
/// it takes no lock and allocates nothing.
struct HeapIndex {
  /// Whether `address` is inside a block that is allocated now, and which. Interior addresses count.
  bool (*find)(std::uintptr_t address, std::uintptr_t* base, std::size_t* size);
  /// Memory that is not searched for references as a whole: the allocator's (its blocks are searched one by one
  /// when something refers to them) and the detector's own.
  void (*for_each_private_range)(void (*visit)(void* context, const void* low, const void* high), void* context);
};
/// Call once, before the program runs. `index` must live for ever.
void offer_heap(const HeapIndex* index);

}  // namespace csp::leak

/// Does nothing; a reference to it (-u csp_leak_register) brings the leak tracker into a static link.
extern "C" void csp_leak_register();
