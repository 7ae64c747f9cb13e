// One heap for the process, four children to a node (shallower than two, and a node's children share a cache line),
// behind one lock.
//
// Invariants
//   (1) Every entry in the heap knows its index; every other entry's index is kNowhere.
//   (2) No entry comes before its parent, by (when, order).
//   (3) earliest is the root's `when`, kNever when the heap is empty; stored before the lock is let go.

#include "time/timer_heap.h"

#include <atomic>

#include <sched.h>

#include "base/spin_lock.h"
#include "sched/policy.h"
#include "sched/scheduler.h"

namespace csp::rt {
namespace {

constexpr std::size_t kNowhere = SIZE_MAX;
constexpr std::size_t kArity = 4;

bool before(const TimerEntry& a, const TimerEntry& b) { return a.when != b.when ? a.when < b.when : a.order < b.order; }

class TimerHeap {
 public:
  bool empty() const { return size_ == 0; }
  TimerEntry& top() const { return *entries_[0]; }

  void push(TimerEntry& entry) {
    if (size_ == capacity_) grow();
    place(entry, size_++);
    sift_up(entry);
  }

  void remove(TimerEntry& entry) {
    const std::size_t hole = entry.index;
    entry.index = kNowhere;  // (1)
    TimerEntry& last = *entries_[--size_];
    if (&last == &entry) return;
    place(last, hole);
    sift_up(last);
    sift_down(last);
  }

 private:
  void place(TimerEntry& entry, std::size_t index) {
    entries_[index] = &entry;
    entry.index = index;
  }

  void sift_up(TimerEntry& entry) {
    std::size_t index = entry.index;
    while (index > 0) {
      TimerEntry& parent = *entries_[(index - 1) / kArity];
      if (!before(entry, parent)) break;
      const std::size_t up = parent.index;
      place(parent, index);
      index = up;
    }
    place(entry, index);
  }

  void sift_down(TimerEntry& entry) {
    std::size_t index = entry.index;
    for (;;) {
      const std::size_t first = index * kArity + 1;
      const std::size_t end = first + kArity < size_ ? first + kArity : size_;
      TimerEntry* least = &entry;
      for (std::size_t child = first; child < end; ++child) {
        if (before(*entries_[child], *least)) least = entries_[child];
      }
      if (least == &entry) break;
      const std::size_t down = least->index;
      place(*least, index);
      index = down;
    }
    place(entry, index);
  }

  void grow() {
    const std::size_t capacity = capacity_ == 0 ? 64 : capacity_ * 2;
    auto** entries = new TimerEntry*[capacity];
    for (std::size_t i = 0; i < size_; ++i) entries[i] = entries_[i];
    delete[] entries_;
    entries_ = entries;
    capacity_ = capacity;
  }

  TimerEntry** entries_ = nullptr;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

// A call of `fire` that is under way, in the frame of poll_timers.
struct Firing {
  const TimerEntry* timer;  // Its address only: `fire` may end its life.
  Firing* next;
};

constinit SpinLock lock;  // Guards all below.
constinit TimerHeap heap;
constinit Firing* firing = nullptr;
constinit std::uint64_t armed_count = 0;
constinit std::atomic<Nanoseconds> earliest{kNever};

void publish_earliest() {
  // release: pairs with the acquire in next_timer().
  earliest.store(heap.empty() ? kNever : heap.top().when, std::memory_order_release);  // (3)
}

// With the lock held.
bool take_out(TimerEntry& timer) {
  if (timer.index == kNowhere) return false;
  heap.remove(timer);
  publish_earliest();
  return true;
}

// With the lock held.
bool is_firing(const TimerEntry& timer) {
  for (const Firing* call = firing; call != nullptr; call = call->next) {
    if (call->timer == &timer) return true;
  }
  return false;
}

void begin_firing(Firing& call) {
  call.next = firing;
  firing = &call;
}

void end_firing(const Firing& call) {
  Firing** at = &firing;
  while (*at != &call) at = &(*at)->next;
  *at = call.next;
}

}  // namespace

void arm(TimerEntry& timer, Nanoseconds when) {
  timer.when = when;
  lock.lock();
  // A seeded schedule decides ties; otherwise they fire in order of arming.
  timer.order = seeded() ? choose(Choice::kTimerTie, UINT32_MAX) : ++armed_count;
  heap.push(timer);
  const bool is_earliest = &heap.top() == &timer;
  publish_earliest();
  lock.unlock();
  if (is_earliest) timers_changed();
}

bool disarm(TimerEntry& timer) {
  lock.lock();
  const bool was_armed = take_out(timer);
  lock.unlock();
  return was_armed;
}

bool disarm_and_wait(TimerEntry& timer) {
  lock.lock();
  const bool was_armed = take_out(timer);
  while (is_firing(timer)) {
    lock.unlock();
    sched_yield();  // `fire` does not park, so this is short.
    lock.lock();
  }
  lock.unlock();
  return was_armed;
}

Nanoseconds poll_timers(Nanoseconds now) {
  if (next_timer() > now) return next_timer();
  lock.lock();
  while (!heap.empty() && heap.top().when <= now) {
    TimerEntry& timer = heap.top();
    heap.remove(timer);
    publish_earliest();
    Firing call{&timer, nullptr};
    begin_firing(call);
    lock.unlock();
    timer.fire(timer);
    lock.lock();
    end_firing(call);
  }
  lock.unlock();
  return next_timer();
}

SpinLock& timer_lock() { return lock; }

void forget_timers() {
  while (!heap.empty()) heap.remove(heap.top());
  firing = nullptr;
  publish_earliest();
}

Nanoseconds next_timer() { return earliest.load(std::memory_order_acquire); }

}  // namespace csp::rt
