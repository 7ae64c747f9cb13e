#include "leak_finder.h"

#include <unwind.h>

#include "memory_map.h"
#include "thread_stop.h"

namespace csp::leak {
namespace {

using hooks::GoroutineState;
using hooks::WaitReason;

constexpr std::uintptr_t kWord = sizeof(std::uintptr_t);
constexpr std::int64_t kFreezeNs = 1'000'000'000;

// How much of the caller's stack below its stack pointer is ours alone, and may hold what we were just looking at.
constexpr std::uintptr_t kOurFrames = 16384;

bool never_wakes(WaitReason reason) {
  return reason == WaitReason::kChanSendNil || reason == WaitReason::kChanRecvNil ||
         reason == WaitReason::kSelectNoCases;
}

bool waits_on_channels(WaitReason reason) {
  return reason == WaitReason::kChanSend || reason == WaitReason::kChanRecv || reason == WaitReason::kSelect;
}

// Whether only other goroutines or threads can wake it, by way of the objects that it waits on.
bool depends_on_others(const Goroutine& goroutine) {
  if (goroutine.state != GoroutineState::kParked || goroutine.timer_wakes) return false;
  switch (goroutine.reason) {
    case WaitReason::kNone:
    case WaitReason::kSleep:
    case WaitReason::kIo:
    case WaitReason::kBlocking:
    case WaitReason::kMainWait:
      return false;
    case WaitReason::kChanSendNil:
    case WaitReason::kChanRecvNil:
    case WaitReason::kSelectNoCases:
      return true;
    case WaitReason::kChanSend:
    case WaitReason::kChanRecv:
    case WaitReason::kSelect:
    case WaitReason::kMutexLock:
    case WaitReason::kRwMutexLock:
    case WaitReason::kRwMutexRLock:
    case WaitReason::kWaitGroupWait:
    case WaitReason::kCondWait:
    case WaitReason::kSemaphore:
    case WaitReason::kOnce:
      return goroutine.objects_size != 0;
  }
  __builtin_unreachable();
}

void add_range(void* context, const void* low, const void* high) {
  static_cast<RangeSet*>(context)->add(reinterpret_cast<std::uintptr_t>(low), reinterpret_cast<std::uintptr_t>(high));
}

// One pass over a process that stands still.
class Search {
 public:
  Search(const Snapshot& snapshot, const ThreadStop& stop, const HeapIndex* index, std::size_t channel_head_size,
         Moment moment, std::uintptr_t stack_pointer)
      : snapshot_(snapshot),
        stop_(stop),
        index_(index),
        channel_head_size_(channel_head_size),
        moment_(moment),
        stack_pointer_(stack_pointer),
        marker_(index) {}

  // Fills `live`, one for each goroutine of the snapshot. False when something was out of reach.
  bool run(const RangeSet& private_ranges, MappedVector<unsigned char>& live) {
    if (!read_mappings(mappings_) || !live.resize(0) || !live.resize(snapshot_.goroutines.size())) return false;
    add_regions();
    collect_exclusions(private_ranges);
    if (!excluded_.complete() || !marker_.complete()) return false;
    search_roots();
    for (std::size_t i = 0; i < live.size(); ++i) {
      const Goroutine& goroutine = snapshot_.goroutines[i];
      if (depends_on_others(goroutine)) continue;
      // Who is in exit() is no leak, and never uses its stack again.
      if (moment_ == Moment::kExit && is_caller(goroutine))
        live[i] = 1;
      else
        revive(i, live);
    }
    for (bool changed = true; changed;) {
      changed = false;
      for (std::size_t i = 0; i < live.size(); ++i) {
        if (live[i] != 0 || !may_be_woken(snapshot_.goroutines[i])) continue;
        revive(i, live);
        changed = true;
      }
    }
    return marker_.complete();
  }

 private:
  bool is_caller(const Goroutine& goroutine) const {
    return goroutine.stack_low <= stack_pointer_ && stack_pointer_ < goroutine.stack_high;
  }

  // Where the live part of its stack begins.
  std::uintptr_t stack_start(const Goroutine& goroutine) const {
    if (is_caller(goroutine)) return stack_pointer_;
    if (goroutine.stack_pointer != 0) return goroutine.stack_pointer;
    // In csp::blocking it keeps its OS thread, and that one we have stopped.
    for (const StoppedThread& thread : stop_.threads()) {
      if (goroutine.stack_low <= thread.stack_pointer && thread.stack_pointer < goroutine.stack_high) {
        return thread.stack_pointer;
      }
    }
    return goroutine.stack_low;
  }

  void add_regions() {
    for (const Goroutine& goroutine : snapshot_.goroutines) {
      // Not the very first word: that address is the scheduler's handle of the goroutine, and no object of the user's.
      const std::uintptr_t start = stack_start(goroutine);
      marker_.add_region(start + kWord, goroutine.stack_high, start, goroutine.stack_high);
      const bool on_its_stack = goroutine.stack_low <= goroutine.closure && goroutine.closure < goroutine.stack_high;
      std::uintptr_t base = 0;
      std::size_t size = 0;
      if (!on_its_stack && !marker_.block_of(goroutine.closure, &base, &size)) {
        const std::uintptr_t end = goroutine.closure + goroutine.closure_size;
        marker_.add_region(goroutine.closure, end, goroutine.closure, end);
      }
      if (!waits_on_channels(goroutine.reason)) continue;
      for (const std::uintptr_t channel : snapshot_.waits_on(goroutine)) {
        // A handle holds exactly this address. With a heap index the channel is a block like others.
        if (channel != 0 && !marker_.block_of(channel, &base, &size)) {
          marker_.add_region(channel, channel + 1, channel, channel);
        }
      }
    }
    if (const Mapping* stack = caller_thread_stack(); stack != nullptr && moment_ == Moment::kExit) {
      add_frames(stack->high);
    }
    marker_.seal_regions();
  }

  // The exiting thread's stack, frame by frame: a reference to an object in a frame reaches that frame and no other.
  // libc itself refers to the outermost ones (arguments, environment, its own jump buffer).
  void add_frames(std::uintptr_t stack_high) {
    struct Frames {
      Marker* marker;
      std::uintptr_t low;
    } frames{&marker_, stack_pointer_};
    _Unwind_Backtrace(
        [](_Unwind_Context* context, void* argument) {
          auto& known = *static_cast<Frames*>(argument);
          const std::uintptr_t high = _Unwind_GetCFA(context);
          if (high <= known.low) return _URC_NO_REASON;  // Our own frames, below where we were called.
          known.marker->add_region(known.low, high, known.low, high);
          known.low = high;
          return _URC_NO_REASON;
        },
        &frames);
    marker_.add_region(frames.low, stack_high, frames.low, stack_high);
  }

  // The mapping of the caller's stack when it is the main thread's; other threads' mappings may hold more than a stack.
  const Mapping* caller_thread_stack() const {
    for (const Mapping& mapping : mappings_) {
      if (mapping.kind == Mapping::Kind::kMainStack && mapping.low <= stack_pointer_ && stack_pointer_ < mapping.high) {
        return &mapping;
      }
    }
    return nullptr;
  }

  void collect_exclusions(const RangeSet& private_ranges) {
    excluded_.add(private_ranges);
    for_each_own_range(add_range, &excluded_);
    if (index_ != nullptr) index_->for_each_private_range(add_range, &excluded_);
    for (const Goroutine& goroutine : snapshot_.goroutines) {
      excluded_.add(goroutine.stack_low, goroutine.stack_high);
      excluded_.add(goroutine.closure, goroutine.closure + goroutine.closure_size);
      if (!waits_on_channels(goroutine.reason)) continue;
      // Its queues refer to the stacks of all who wait, who would all seem to be within reach.
      for (const std::uintptr_t channel : snapshot_.waits_on(goroutine))
        excluded_.add(channel, channel + channel_head_size_);
    }
    excluded_.add(stack_pointer_ - kOurFrames, stack_pointer_);
    for (const Mapping& mapping : mappings_) {
      if (mapping.kind != Mapping::Kind::kMainStack) continue;
      // Below the stack pointer are leftovers. Only the kernel's own stack mapping holds nothing but a stack.
      if (caller_thread_stack() != nullptr) {
        excluded_.add(mapping.low, stack_pointer_);
        if (moment_ == Moment::kExit) excluded_.add(stack_pointer_, mapping.high);
      }
      for (const StoppedThread& thread : stop_.threads()) {
        if (mapping.low <= thread.stack_pointer && thread.stack_pointer < mapping.high) {
          excluded_.add(mapping.low, thread.stack_pointer);
        }
      }
    }
    excluded_.seal();
  }

  bool is_root(const Mapping& mapping) const {
    return mapping.searchable && !(mapping.kind == Mapping::Kind::kHeap && index_ != nullptr);
  }

  // glibc's further arenas begin with their state, at an address that the first word of the mapping says.
  void search_part(const Mapping& mapping, std::uintptr_t low, std::uintptr_t high) {
    constexpr std::uintptr_t kArenaAlignment = std::uintptr_t{64} << 20;
    constexpr std::uintptr_t kHeadMax = 256;
    constexpr std::uintptr_t kStateSize = 2048;  // At least; the first block comes after.
    if (low % kArenaAlignment != 0 || low != mapping.low || mapping.kind != Mapping::Kind::kAnonymous) {
      return marker_.search(low, high);
    }
    const std::uintptr_t state = *reinterpret_cast<const std::uintptr_t*>(low);
    if (state <= low || state >= low + kHeadMax || state + kStateSize > high) return marker_.search(low, high);
    marker_.search_allocator(low, state + kStateSize);
    marker_.search(state + kStateSize, high);
  }

  void search_roots() {
    PageMap pages;
    for (const Mapping& mapping : mappings_) {
      if (!is_root(mapping)) continue;
      excluded_.for_each_gap(mapping.low, mapping.high, [&](std::uintptr_t low, std::uintptr_t high) {
        pages.for_each_written(low, high, mapping.kind, [&](std::uintptr_t from, std::uintptr_t to) {
          if (mapping.of_libc)
            marker_.search_allocator(from, to);
          else
            search_part(mapping, from, to);
        });
      });
    }
  }

  void revive(std::size_t i, MappedVector<unsigned char>& live) {
    const Goroutine& goroutine = snapshot_.goroutines[i];
    live[i] = 1;
    marker_.search(stack_start(goroutine), goroutine.stack_high);
    marker_.reach(stack_start(goroutine) + kWord);
    marker_.search(goroutine.closure, goroutine.closure + goroutine.closure_size);
  }

  bool may_be_woken(const Goroutine& goroutine) {
    if (never_wakes(goroutine.reason)) return false;
    for (const std::uintptr_t object : snapshot_.waits_on(goroutine)) {
      if (object != 0 && can_be_reached(object)) return true;
    }
    return false;
  }

  bool can_be_reached(std::uintptr_t object) {
    std::uintptr_t base = 0;
    std::size_t size = 0;
    if (marker_.block_of(object, &base, &size)) return marker_.block_reached(base);
    if (const Region* region = marker_.region_of(object)) return region->reached;
    // A global, or memory of which we do not know where it is referred from.
    return true;
  }

  const Snapshot& snapshot_;
  const ThreadStop& stop_;
  const HeapIndex* index_;
  const std::size_t channel_head_size_;
  const Moment moment_;
  const std::uintptr_t stack_pointer_;
  Marker marker_;
  MappedVector<Mapping> mappings_;
  RangeSet excluded_;
};

// Leaks found earlier. Nobody can get hold of a lost reference again, so what was proven once stays proven, even
// if a leftover on some stack looks like a reference the next time. Guarded by the caller of find().
union Immortal {
  constexpr Immortal() : proven() {}
  ~Immortal() {}
  WordSet proven;
};
constinit Immortal immortal;

// Main is number 1 in every csp::run: not a name that lasts.
constexpr std::uint64_t kMainId = 1;

}  // namespace

bool LeakFinder::find(const hooks::Inspector& inspector, const HeapIndex* index, Moment moment,
                      std::uintptr_t stack_pointer) {
  const bool still = inspector.freeze(kFreezeNs);
  snapshot_.take(inspector);
  bool concluded = false;
  if (still && snapshot_.complete) {
    RangeSet private_ranges;
    inspector.for_each_private_range(add_range, &private_ranges);
    bool marked = false;
    {
      const ThreadStop stop(inspector.is_service_thread);
      Search search(snapshot_, stop, index, inspector.channel_head_size, moment, stack_pointer);
      marked = stop.complete() && private_ranges.complete() && search.run(private_ranges, live_);
    }
    if (marked) {
      // A thread that is no goroutine went on between the snapshot and the stop. Whom it woke is not parked any more.
      Snapshot later;
      later.take(inspector);
      concluded = later.complete && leaked_.resize(0) && leaked_.resize(snapshot_.goroutines.size());
      if (concluded) drop_those_that_moved(later);
    }
  }
  inspector.thaw();
  return concluded;
}

void LeakFinder::drop_those_that_moved(const Snapshot& later) {
  std::size_t at = 0;
  for (std::size_t i = 0; i < snapshot_.goroutines.size(); ++i) {
    const Goroutine& goroutine = snapshot_.goroutines[i];
    while (at < later.goroutines.size() && later.goroutines[at].id < goroutine.id) ++at;
    const bool parked = at < later.goroutines.size() && later.goroutines[at].id == goroutine.id &&
                        later.goroutines[at].state == GoroutineState::kParked;
    const bool proven_before = goroutine.id != kMainId && immortal.proven.contains(goroutine.id);
    if (parked && (live_[i] == 0 || proven_before)) {
      leaked_[i] = 1;
      immortal.proven.insert(goroutine.id);
    }
  }
}

}  // namespace csp::leak
