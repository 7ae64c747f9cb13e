#pragma once
// What the runtime announces, and to whom.
//
// The runtime is neutral: it knows no detector. It announces goroutine life, stacks, happens-before
// edges, locks, channels and waiting through one table of functions, an Observer. With nobody
// listening, an announcement is one load and one predicted branch.
//
// Rules every announcer keeps
//   (1) An announcement is made on the OS thread on which the thing happens, by the agent that does it.
//   (2) An edge is announced on the right side of the runtime's own synchronisation: release()
//       before the step that lets the other agent go on, acquire() after the step that let us go on.
//   (3) A runtime lock may be held while announcing. So an observer never calls into the runtime
//       (but for Inspector, outside of announcements), never parks and never throws.

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "csp/wait_reason.h"

namespace csp::hooks {

inline constexpr int kObserversMax = 4;

/// An execution agent in the C++ standard's sense: a goroutine, or an OS thread that has used the
/// runtime without being one of its own.
///
/// Embedded in the runtime's record of it, and valid from goroutine_created / thread_attached
/// to the return of goroutine_ended / thread_detached.
struct Agent {
  std::uint64_t id = 0;  // The goroutine's id; 0 for a thread.
  const char* name = "";  // Never null. Set before goroutine_created; as long-lived as the agent.
  void* slots[kObserversMax] = {};  // One for each observer, by the index install() gave it.
};

enum class LockMode : std::uint8_t { kExclusive, kShared };
enum class LockHow : std::uint8_t { kBlocking, kTry };

/// How the process is about to die with status 2.
enum class Death : std::uint8_t {
  kPanic,           // An exception left a goroutine; `message` is its what().
  kFatal,           // An unrecoverable misuse, such as "sync: unlock of unlocked mutex".
  kDeadlock,        // Every goroutine is asleep.
  kStackOverflow,
};

/// A listener's table of functions. Every entry must be set: start from kSilent and overwrite.
///
/// `pc` is a return address in the code that called the runtime's public function, or null.
struct Observer {
  // Life. `parent` is the agent that called go(), null when the runtime itself did. The child has
  // not run yet when goroutine_created returns, and all the parent did before happens before the child.
  void (*goroutine_created)(Agent* child, Agent* parent, const void* pc);
  void (*goroutine_ended)(Agent* agent);      // On the goroutine's own stack, its last announcement.
  void (*goroutine_resumed)(Agent* agent);    // The calling OS thread runs `agent` from here on.
  void (*goroutine_suspended)(Agent* agent);  // The calling OS thread no longer runs `agent`.
  void (*thread_attached)(Agent* agent);      // The calling thread, no goroutine, entered the runtime.
  void (*thread_detached)(Agent* agent);      // It ends.

  // Stacks. The range is about to serve a new goroutine, the next one that is resumed on this OS thread: whatever
  // was known of it is void.
  void (*stack_assigned)(void* low, std::size_t size);

  // Happens-before, by the calling agent. `address` names a synchronisation object.
  void (*acquire)(const void* address);        // What was released to it happens before what follows.
  void (*release)(const void* address);        // Replaces what was released to it before.
  void (*release_merge)(const void* address);  // Adds to it.
  void (*handoff)(Agent* peer);  // Caller and `peer`, which is parked, synchronise both ways.

  // Memory the runtime touches in the user's name.
  void (*read)(const void* address, std::size_t size, const void* pc);
  void (*write)(const void* address, std::size_t size, const void* pc);

  // Locks, beside (not instead of) the edges above: who holds what.
  void (*locked)(const void* lock, LockMode mode, LockHow how, const void* pc);
  void (*unlocked)(const void* lock, LockMode mode);
  void (*lock_destroyed)(const void* lock);

  // Channels: life. `capacity` in elements.
  void (*channel_made)(const void* channel, std::size_t capacity, const void* pc);
  void (*channel_closed)(const void* channel, const void* pc);
  void (*channel_destroyed)(const void* channel);

  // Waiting. `object` is what it waits on (a channel, a mutex, ...), null for none or several.
  void (*parked)(Agent* agent, WaitReason reason, const void* object, const void* pc);
  void (*readied)(Agent* agent);  // By whoever woke it, before it runs.

  // Ends. run_returned: the function given to csp::run has returned. died: status 2 is next.
  void (*run_returned)();
  void (*died)(Death death, const char* message);
};

/// An observer that ignores everything.
extern const Observer kSilent;

/// Adds `observer`, which must live for ever. Returns its index in Agent::slots, or -1 when
/// kObserversMax are installed. Agents that exist already are not announced again: install before
/// the runtime starts. Thread-safe.
int install(const Observer* observer);

namespace detail {
// The installed observer, a fan-out over several, or null. constinit: usable before any constructor runs.
extern std::atomic<const Observer*> current;
}  // namespace detail

/// The listener, or null when nobody listens.
inline const Observer* observer() {
  // acquire: pairs with the release in install(), so that the table's contents are seen.
  return detail::current.load(std::memory_order_acquire);
}

/// Announces an event: `announce(&Observer::acquire, address)`. One load and one predicted branch
/// when nobody listens.
template <class Verb, class... Args>
inline void announce(Verb verb, Args... args) {
  if (const Observer* listener = observer(); __builtin_expect(listener != nullptr, 0)) {
    (listener->*verb)(args...);
  }
}

}  // namespace csp::hooks
