#pragma once
// The detector's verbs. The ABI, the interceptors and the hook observer are transport: each of their
// functions is a line or two that ends here.
//
// Every verb acts for the calling agent (a goroutine while one runs on this OS thread, else the
// thread). `pc` is the return address in the user's code: the frame that the report shows on top.

#include <cstddef>
#include <cstdint>

#include "base/base.h"
#include "core/ids.h"

namespace csp::race {

struct ThreadState;

// Life of the detector -------------------------------------------------------------------------
/// Starts the detector once; any entry point may come first. Safe before constructors have run.
void initialize();
/// True until initialize() is done, and inside the detector itself: interceptors then do the plain thing.
bool bypass();

/// Keeps the calling thread's events out while the detector or an interceptor does things of its own
/// (malloc called from within dlopen, ...). Nests.
class BypassScope {
 public:
  BypassScope();
  ~BypassScope();
};

// Agents ---------------------------------------------------------------------------------------
/// The calling agent; attaches the OS thread on its first call.
ThreadState& self();

/// A thread that the caller is about to start. All the caller did so far happens before it.
ThreadState& thread_create(Address pc);
/// On the new thread, first of all. `stack_low` and `stack_size` are its stack's memory.
void thread_start(ThreadState& thread, Address stack_low, std::size_t stack_size);
/// On the thread, last of all. Its memory stays readable for joiners.
void thread_finish(ThreadState& thread);
/// All that `thread` did happens before what the caller does next. `thread` must have finished; it is gone afterwards.
void thread_join(ThreadState& thread);
/// Nobody will join it.
void thread_detach(ThreadState& thread);
/// Creation failed after all.
void thread_discard(ThreadState& thread);

// Happens-before -------------------------------------------------------------------------------
void acquire(Address object);
void release(Address object);        // Replaces what was released before.
void release_merge(Address object);  // Adds to it.
/// The object at [address, address + size) is gone: its clocks are forgotten.
void sync_destroyed(Address address, std::size_t size);

// Locks: edges and the set of held locks, with lock-order checking ------------------------------
enum class LockKind : std::uint8_t { kMutex, kRwLock, kSpinLock };
/// After the lock was taken. `shared`: for reading. `tried`: by a try_lock, or a timed one.
void lock_acquired(Address lock, LockKind kind, bool shared, bool tried, Address pc);
/// Before it is given back.
void lock_releasing(Address lock, LockKind kind, bool shared, Address pc);
void lock_destroyed(Address lock, Address pc);

// Memory ---------------------------------------------------------------------------------------
/// A read or write of any size and alignment, by library code such as memcpy in the user's name.
void range_read(Address address, std::size_t size, Address pc);
void range_write(Address address, std::size_t size, Address pc);

/// The range has come into being (mmap, a new stack): nothing is known of it.
void memory_mapped(Address address, std::size_t size);
/// It is gone (munmap).
void memory_unmapped(Address address, std::size_t size);

/// A heap block was given out. `size` as the user asked.
void block_allocated(Address address, std::size_t size, Address pc);
/// It is about to be given back: counts as a write of all of it. Unknown addresses (allocated before we
/// started) are ignored.
void block_freeing(Address address, Address pc);

// Calls ----------------------------------------------------------------------------------------
/// Brackets library code that calls back into the user's (thread entry, qsort, ...): `pc` becomes a frame of the callee's stack.
void function_enter(Address pc);
void function_exit();
/// Depth of the shadow call stack, and a way back to it after longjmp.
std::size_t call_depth();
void restore_call_depth(std::size_t depth);

// fork -----------------------------------------------------------------------------------------
void before_fork();
void after_fork_in_parent();
void after_fork_in_child();

}  // namespace csp::race
