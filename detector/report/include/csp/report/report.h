#pragma once
// What was found, as plain data, and the way it leaves the process.
//
// A finding is collected under its finder's lock, published once, and rendered elsewhere: the
// command line tool reads the records (README.md beside this library has the format), resolves addresses to
// names and lines, and explains. Without the tool the finding is printed on stderr as module+offset.
//
// Freestanding on purpose: this code runs inside the user's process, below an instrumented standard
// library, possibly in a signal handler or a dying process. It allocates nothing and calls libc only
// for system calls.

#include <cstddef>
#include <cstdint>

namespace csp::report {

/// A view of `size` values owned by somebody else, valid for the call it is passed to.
template <class T>
struct Span {
  const T* data = nullptr;
  std::size_t size = 0;
  const T* begin() const { return data; }
  const T* end() const { return data + size; }
};

/// Return addresses, innermost first. A reader looks up each address minus one.
using Stack = Span<std::uintptr_t>;

/// Names an execution agent: goroutine `id`, or OS thread `id` (0 is the thread that called main,
/// others count up in order of creation). Written "g7", "t0".
struct AgentId {
  enum class Kind : std::uint8_t { kNone, kGoroutine, kThread };
  Kind kind = Kind::kNone;
  std::uint64_t id = 0;
};

/// An agent that a finding mentions.
struct AgentInfo {
  AgentId agent;
  const char* name = "";
  bool ended = false;
  AgentId created_by;       // kNone when unknown.
  Stack creation_stack;
  const char* wait_reason = "";  // hooks::words() of it; "" when not blocked.
  std::int64_t waiting_ns = 0;
  Span<std::uintptr_t> waiting_on;  // Addresses of objects.
  Stack stack;              // Where it is now; empty when that is not the point.
};

enum class Op : std::uint8_t { kRead, kWrite, kFree };

struct Access {
  Op op = Op::kRead;
  bool atomic = false;
  std::uintptr_t address = 0;
  std::size_t size = 0;     // In bytes.
  AgentId agent;
  Stack stack;
  Span<std::uintptr_t> locks_held;  // Addresses.
};

/// What an address belongs to.
struct Location {
  enum class Kind : std::uint8_t { kUnknown, kHeap, kStack, kGlobal, kThreadLocal };
  Kind kind = Kind::kUnknown;
  std::uintptr_t address = 0;  // Start of the block, stack or object.
  std::size_t size = 0;
  AgentId agent;               // Who allocated the block, or whose stack it is.
  Stack stack;                 // Where the block was allocated.
};

/// "`agent` holds `held` since `held_stack` and wants (or took) `wanted` at `wanted_stack`."
struct WaitEdge {
  AgentId agent;
  std::uintptr_t held = 0;
  Stack held_stack;
  std::uintptr_t wanted = 0;
  Stack wanted_stack;
};

/// A synchronisation object that a finding mentions.
struct Object {
  std::uintptr_t address = 0;
  const char* kind = "";  // "channel", "mutex", "rwmutex", "pthread mutex", "wait group", ...
  Stack made_stack;
};

enum class Grade : std::uint8_t { kError, kWarning, kNote };

struct Finding {
  const char* rule = "";      // A rule of the public surface, such as "csp-data-race".
  Grade grade = Grade::kError;
  const char* message = "";   // The runtime's words where it had some ("send on closed channel"), else "".
  Span<Access> accesses;      // csp-data-race: the access that completed the race, then the earlier one.
  Span<WaitEdge> edges;       // csp-lock-order, csp-deadlock: the cycle, in order.
  Span<AgentInfo> agents;     // Everyone mentioned above; for a leak or deadlock, who is stuck.
  Span<Object> objects;
  Location location;          // csp-data-race: what was raced on.
};

/// Writes `finding` to the record file in one write(2), or as text to stderr when there is none.
/// Returns the finding's number within this process, from 1. Thread-safe and async-signal-safe; may block on the disk. A failed write is said once on stderr and counted in the end record.
std::uint32_t publish(const Finding& finding);

/// Says that finding `number` has been seen `count` times in all. Written at the end, by whoever counted.
void publish_count(std::uint32_t number, std::uint64_t count);

/// Findings published so far by this process, not counting notes.
std::uint32_t published();

struct Begin {
  bool detector = false;  // Compiled memory accesses are checked.
  bool runtime = false;   // The goroutine runtime is linked.
};
/// Opens the record file named by $CSP_RACE_RECORD, writes the begin record and one for each loaded module.
/// The first call wins; later calls only add what they bring. In a forked child call again: it writes the child's own begin record.
void begin(const Begin& what);

/// Writes records for modules loaded since (dlopen). Thread-safe.
void refresh_modules();

struct End {
  std::uint64_t goroutines = 0;  // Ever created.
  std::uint64_t threads = 0;     // Ever seen.
  std::uint64_t suppressed = 0;  // Races with the same pair of stacks as one already published.
  std::uint64_t lost = 0;        // Anything given up for want of memory or disk.
};
/// Adds to the totals of the end record. Thread-safe.
void add_totals(const End& totals);
/// Writes the end record. Later findings are still written.
void end();

/// Whether records go to a file, so that a reader will present them.
bool has_reader();

}  // namespace csp::report
