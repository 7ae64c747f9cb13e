// Select. Three passes, all channels locked in the order of their addresses:
//   1. in random order, look for a case that can run at once;
//   2. if there is none, wait on all channels;
//   3. woken by the one that decided, leave the other queues.
//
// A waiter that was decided by one channel may still stand in the queues of others; they skip it
// (ChannelCore::claim), and it leaves them here.

#include <new>
#include <utility>

#include "chan/channel_core.h"
#include "csp/detail/select_op.h"
#include "csp/panic.h"
#include "sched/policy.h"
#include "sched/scheduler.h"

namespace csp::detail {

using rt::ChannelWaiter;
using rt::Outcome;

namespace {

static_assert(sizeof(ChannelWaiter) <= sizeof(SelectOp::waiter) && alignof(ChannelWaiter) <= alignof(void*),
              "a SelectOp has room for its waiter");

ChannelWaiter& waiter_of(SelectOp& op) { return *std::launder(reinterpret_cast<ChannelWaiter*>(op.waiter)); }

/// The cases of one select that have a channel. Lives in its frame.
struct Cases {
  SelectOp* ops;
  std::size_t count;     // Of ops.
  std::size_t live = 0;  // Of those, not nil and not otherwise: poll_order and lock_order list them.

  SelectOp& polled(std::size_t i) const { return ops[ops[i].poll_order]; }
  SelectOp& locked(std::size_t i) const { return ops[ops[i].lock_order]; }
};

/// A random permutation: each ready case is as likely as any other to come first.
void shuffle(Cases& cases) {
  for (std::size_t i = 0; i < cases.count; ++i) {
    if (cases.ops[i].channel == nullptr) continue;
    const std::size_t j = rt::choose(rt::Choice::kSelectCase, static_cast<std::uint32_t>(cases.live + 1));
    cases.ops[cases.live].poll_order = cases.ops[j].poll_order;
    cases.ops[j].poll_order = static_cast<std::uint16_t>(i);
    ++cases.live;
  }
}

/// Sorts by address: an order that all selects agree on. Insertion is fast for the few; a heap keeps the many bounded.
void sort_by_address(Cases& cases) {
  const auto address = [&](std::size_t i) {
    return reinterpret_cast<std::uintptr_t>(cases.ops[cases.ops[i].lock_order].channel);
  };
  const auto swap = [&](std::size_t i, std::size_t j) { std::swap(cases.ops[i].lock_order, cases.ops[j].lock_order); };
  for (std::size_t i = 0; i < cases.live; ++i) cases.ops[i].lock_order = cases.ops[i].poll_order;
  constexpr std::size_t kFew = 16;
  if (cases.live <= kFew) {
    for (std::size_t i = 1; i < cases.live; ++i) {
      for (std::size_t j = i; j > 0 && address(j) < address(j - 1); --j) swap(j, j - 1);
    }
    return;
  }
  const auto sift = [&](std::size_t root, std::size_t end) {
    for (std::size_t child; (child = 2 * root + 1) < end; root = child) {
      if (child + 1 < end && address(child) < address(child + 1)) ++child;
      if (address(root) >= address(child)) return;
      swap(root, child);
    }
  };
  for (std::size_t i = cases.live / 2; i-- > 0;) sift(i, cases.live);
  for (std::size_t end = cases.live; --end > 0;) {
    swap(0, end);
    sift(0, end);
  }
}

void lock_all(const Cases& cases) {
  const ChannelCore* last = nullptr;
  for (std::size_t i = 0; i < cases.live; ++i) {
    ChannelCore* channel = cases.locked(i).channel;
    if (channel != last) channel->lock().lock();
    last = channel;
  }
}

/// When the caller is parked this runs on another stack, and with the last unlock the frame that `cases` is in may be
/// gone: a channel that several cases name is unlocked at the last of them, and nothing is read after that.
void unlock_all(const Cases& cases) {
  const std::size_t live = cases.live;
  ChannelCore* channel = live > 0 ? cases.locked(0).channel : nullptr;
  for (std::size_t i = 0; i < live; ++i) {
    ChannelCore* next = i + 1 < live ? cases.locked(i + 1).channel : nullptr;
    if (next != channel) channel->lock().unlock();
    channel = next;
  }
}

ChannelCore::Attempt attempt(SelectOp& op, rt::Strand*& wake) {
  if (op.kind == SelectOp::Kind::kSend) return op.channel->send_locked(op.slot, wake);
  const ChannelCore::Attempt result = op.channel->receive_locked(op.slot, wake);
  op.ok = result == ChannelCore::Attempt::kDone;
  return result;
}

/// Unlocks when T throws.
class HoldAll {
 public:
  explicit HoldAll(const Cases& cases) : cases_(&cases) { lock_all(cases); }
  HoldAll(const HoldAll&) = delete;
  HoldAll& operator=(const HoldAll&) = delete;
  ~HoldAll() {
    if (cases_ != nullptr) unlock_all(*cases_);
  }
  void hand_over() { cases_ = nullptr; }

 private:
  const Cases* cases_;
};

[[noreturn, gnu::cold, gnu::noinline]] void panic_closed() { panic("send on closed channel"); }

/// A case that has been decided, by us or by who woke us.
std::size_t finish(const Cases& cases, SelectOp& op, bool closed) {
  if (op.kind == SelectOp::Kind::kSend && closed) panic_closed();
  return static_cast<std::size_t>(&op - cases.ops);
}

constexpr std::size_t kNone = SIZE_MAX;

/// Pass 1. kNone when nothing can run.
std::size_t run_ready(const Cases& cases) {
  std::size_t chosen = kNone;
  rt::Strand* wake = nullptr;
  bool closed = false;
  {
    HoldAll hold(cases);
    for (std::size_t i = 0; i < cases.live && chosen == kNone; ++i) {
      SelectOp& op = cases.polled(i);
      const ChannelCore::Attempt result = attempt(op, wake);
      if (result == ChannelCore::Attempt::kWouldBlock) continue;
      chosen = static_cast<std::size_t>(&op - cases.ops);
      closed = result == ChannelCore::Attempt::kClosed;
    }
    if (chosen == kNone) hold.hand_over();  // Pass 2 goes on with the locks.
  }
  if (wake != nullptr) rt::ready(*wake);
  return chosen == kNone ? kNone : finish(cases, cases.ops[chosen], closed);
}

/// Passes 2 and 3, with all locked. kNone when it is to be started again.
std::size_t wait(const Cases& cases, const void* pc) {
  rt::ParkedSelect parked;
  rt::Strand& self = rt::current_strand();
  for (std::size_t i = 0; i < cases.live; ++i) {
    SelectOp& op = cases.locked(i);
    auto& waiter = *::new (op.waiter) ChannelWaiter;
    waiter.strand = &self;
    waiter.select = &parked;
    waiter.index = static_cast<std::size_t>(&op - cases.ops);
    if (op.kind == SelectOp::Kind::kSend) {
      op.channel->enqueue_sender(waiter, op.slot);
    } else {
      op.channel->enqueue_receiver(waiter, op.slot);
    }
  }
  if (self.is_goroutine) {
    rt::Goroutine& goroutine = rt::as_goroutine(self);
    goroutine.cases = cases.ops;
    goroutine.case_count = cases.count;
  }
  rt::park_with(
      hooks::WaitReason::kSelect, nullptr, [](void* argument) { unlock_all(*static_cast<Cases*>(argument)); },
      const_cast<Cases*>(&cases), pc);

  lock_all(cases);
  for (std::size_t i = 0; i < cases.live; ++i) {
    SelectOp& op = cases.locked(i);
    if (op.kind == SelectOp::Kind::kSend) {
      op.channel->remove_sender(waiter_of(op));
    } else {
      op.channel->remove_receiver(waiter_of(op));
    }
  }
  unlock_all(cases);

  SelectOp& winner = cases.ops[parked.winner];
  ChannelWaiter& waiter = waiter_of(winner);
  for (std::size_t i = 0; i < cases.live; ++i) {
    SelectOp& op = cases.locked(i);
    const bool sent = &op == &winner && waiter.outcome == Outcome::kDone;
    if (op.kind == SelectOp::Kind::kSend && !sent) op.channel->withdraw_send(waiter_of(op), op.slot);
  }
  switch (waiter.outcome) {
    case Outcome::kRetry:
      return kNone;
    case Outcome::kClosed:
      winner.ok = false;
      winner.channel->see_closed();
      return finish(cases, winner, true);
    case Outcome::kDone:
      break;
  }
  if (winner.kind == SelectOp::Kind::kSend) {
    winner.channel->finish_send(waiter);
  } else {
    winner.channel->finish_receive(waiter, winner.slot);
    winner.ok = true;
  }
  return finish(cases, winner, false);
}

}  // namespace

std::size_t select(SelectOp* ops, std::size_t count) {
  const void* pc = __builtin_return_address(0);
  if (count > UINT16_MAX) panic("select: too many cases");
  std::size_t otherwise = kNone;
  for (std::size_t i = 0; i < count; ++i) {
    if (ops[i].kind != SelectOp::Kind::kOtherwise) continue;
    if (otherwise != kNone) panic("select: more than one otherwise");
    otherwise = i;
  }
  Cases cases{ops, count};
  shuffle(cases);
  if (cases.live == 0) {
    if (otherwise != kNone) return otherwise;
    rt::SpinLock nobody;
    nobody.lock();
    rt::park(count == 0 ? hooks::WaitReason::kSelectNoCases : hooks::WaitReason::kSelect, nullptr, nobody, pc);
    __builtin_unreachable();
  }
  // One case and a default is the usual way to look without waiting: most often nothing is there, and no lock is needed
  // to see it. With more cases that would not do: each could have been ready while we looked at another.
  if (cases.live == 1 && otherwise != kNone) {
    const SelectOp& op = cases.polled(0);
    const bool in_vain =
        op.kind == SelectOp::Kind::kSend ? op.channel->would_block_send() : op.channel->would_block_receive();
    if (in_vain) return otherwise;
  }
  sort_by_address(cases);
  for (;;) {
    if (const std::size_t chosen = run_ready(cases); chosen != kNone) return chosen;
    if (otherwise != kNone) {
      unlock_all(cases);
      return otherwise;
    }
    if (const std::size_t chosen = wait(cases, pc); chosen != kNone) return chosen;
  }
}

}  // namespace csp::detail
