#include "findings.h"

#include "channels.h"
#include "lock_order.h"

namespace csp::leak {
namespace {

using hooks::WaitReason;
using report::AgentId;
using report::AgentInfo;
using report::Finding;
using report::Grade;
using report::WaitEdge;

constexpr std::size_t kAgentsMax = 32;  // In a group of equal ones; the rest is a count.
constexpr std::size_t kCycleMax = 64;

bool waits_for_lock(const Goroutine& goroutine) {
  return goroutine.reason == WaitReason::kMutexLock || goroutine.reason == WaitReason::kRwMutexLock ||
         goroutine.reason == WaitReason::kRwMutexRLock;
}

// Cycles in which each goroutine waits for a lock that the next one holds.
class WaitCycles {
 public:
  explicit WaitCycles(const Snapshot& snapshot) : snapshot_(snapshot) {}

  // Calls `found(places, edges, size)` once for each cycle, with places in the snapshot.
  template <class Found>
  void for_each(Found found) {
    if (!visited_.resize(0) || !visited_.resize(snapshot_.goroutines.size())) return;
    for (std::size_t start = 0; start < snapshot_.goroutines.size(); ++start) {
      size_ = 0;
      for (std::size_t at = start; size_ < kCycleMax && step(at);) {
        if (const std::size_t first = position_of(next_); first < size_) {
          found(places_ + first, edges_ + first, size_ - first);
          break;
        }
        at = next_;
      }
    }
  }

 private:
  // Puts the goroutine at `at` on the path and finds whom it waits for. False at the end of the path.
  bool step(std::size_t at) {
    const Goroutine& goroutine = snapshot_.goroutines[at];
    if (visited_[at] != 0 || !waits_for_lock(goroutine) || goroutine.objects_size == 0) return false;
    visited_[at] = 1;
    Choice choice{this, kNone, {}};
    const std::uintptr_t lock = snapshot_.waits_on(goroutine).data[0];
    for_each_holder(lock, choose, &choice);
    if (choice.place == kNone) return false;
    places_[size_] = at;
    // The one it waits for holds `lock`: that is the next edge's `held`, and its stack there.
    edges_[size_] = {{AgentId::Kind::kGoroutine, goroutine.id}, 0, {}, lock, snapshot_.stack(goroutine)};
    holder_stacks_[size_] = choice.stack;
    ++size_;
    next_ = choice.place;
    close_edges();
    return true;
  }

  struct Choice {
    WaitCycles* self;
    std::size_t place;
    StoredStack stack;
  };

  // A holder that is itself on the path closes a cycle; else one that waits for a lock.
  static void choose(void* context, const AgentRecord& holder, const Held& held) {
    auto& choice = *static_cast<Choice*>(context);
    if (holder.id.kind != AgentId::Kind::kGoroutine) return;
    const MappedVector<Goroutine>& all = choice.self->snapshot_.goroutines;
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (all[i].record != &holder || !waits_for_lock(all[i])) continue;
      const bool better = choice.place == kNone || choice.self->position_of(i) < choice.self->size_;
      if (!better) return;
      choice.place = i;
      choice.stack = held.stack;
      return;
    }
  }

  // An edge's `held` is what the one before it wants.
  void close_edges() {
    for (std::size_t i = 0; i < size_; ++i) {
      const std::size_t before = position_of_waiter_for(places_[i]);
      if (before == kNone) continue;
      edges_[i].held = edges_[before].wanted;
      edges_[i].held_stack = holder_stacks_[before].view();
    }
  }

  std::size_t position_of_waiter_for(std::size_t place) const {
    for (std::size_t i = 0; i + 1 < size_; ++i) {
      if (places_[i + 1] == place) return i;
    }
    return next_ == place ? size_ - 1 : kNone;
  }

  std::size_t position_of(std::size_t place) const {
    std::size_t i = 0;
    while (i < size_ && places_[i] != place) ++i;
    return i;
  }

  static constexpr std::size_t kNone = ~std::size_t{0};

  const Snapshot& snapshot_;
  MappedVector<unsigned char> visited_;
  std::size_t places_[kCycleMax];
  WaitEdge edges_[kCycleMax];
  StoredStack holder_stacks_[kCycleMax];
  std::size_t size_ = 0;
  std::size_t next_ = kNone;
};

const char* kind_of_object(WaitReason reason) {
  switch (reason) {
    case WaitReason::kChanSend:
    case WaitReason::kChanRecv:
    case WaitReason::kSelect:
      return "channel";
    case WaitReason::kMutexLock:
      return "mutex";
    case WaitReason::kRwMutexLock:
    case WaitReason::kRwMutexRLock:
      return "rwmutex";
    case WaitReason::kWaitGroupWait:
      return "wait group";
    case WaitReason::kCondWait:
      return "cond";
    case WaitReason::kSemaphore:
      return "semaphore";
    case WaitReason::kOnce:
      return "once";
    default:
      return "";
  }
}

/// The objects that goroutines wait on, each once, with the place where it was made if that is known.
class Objects {
 public:
  void add_those_of(const Snapshot& snapshot, const Goroutine& goroutine) {
    for (const std::uintptr_t address : snapshot.waits_on(goroutine)) {
      const char* kind = kind_of_object(goroutine.reason);
      if (address == 0 || *kind == '\0' || size_ == kMax || contains(address)) continue;
      made_[size_] = where_made(address);
      objects_[size_] = {address, kind, {&made_[size_], made_[size_] != 0 ? std::size_t{1} : 0}};
      ++size_;
    }
  }
  report::Span<report::Object> view() const { return {objects_, size_}; }

 private:
  static constexpr std::size_t kMax = 64;
  bool contains(std::uintptr_t address) const {
    for (std::size_t i = 0; i < size_; ++i) {
      if (objects_[i].address == address) return true;
    }
    return false;
  }
  report::Object objects_[kMax];
  std::uintptr_t made_[kMax];
  std::size_t size_ = 0;
};

void publish_cycle(const Snapshot& snapshot, const std::size_t* places, const WaitEdge* edges, std::size_t size) {
  AgentInfo agents[kCycleMax];
  Objects objects;
  for (std::size_t i = 0; i < size; ++i) {
    const Goroutine& goroutine = snapshot.goroutines[places[i]];
    agents[i] = describe(snapshot, goroutine);
    objects.add_those_of(snapshot, goroutine);
  }
  Finding finding;
  finding.rule = "csp-deadlock";
  finding.edges = {edges, size};
  finding.agents = {agents, size};
  finding.objects = objects.view();
  report::publish(finding);
}

// -1, 0, 1: an order in which goroutines that are stuck alike (same stack, reason and creation) are neighbours.
int compare(const Snapshot& snapshot, const Goroutine& a, const Goroutine& b) {
  if (a.reason != b.reason) return a.reason < b.reason ? -1 : 1;
  if (a.created_pc != b.created_pc) return a.created_pc < b.created_pc ? -1 : 1;
  if (a.stack_size != b.stack_size) return a.stack_size < b.stack_size ? -1 : 1;
  for (std::size_t i = 0; i < a.stack_size; ++i) {
    const std::uintptr_t pc_a = snapshot.pcs[a.stack_first + i];
    const std::uintptr_t pc_b = snapshot.pcs[b.stack_first + i];
    if (pc_a != pc_b) return pc_a < pc_b ? -1 : 1;
  }
  return 0;
}

// Publishes one finding for each group of goroutines that are stuck alike. Consumes `places`.
void publish_groups(const Snapshot& snapshot, MappedVector<std::size_t>& places, Grade grade, const char* message) {
  const MappedVector<Goroutine>& all = snapshot.goroutines;
  sort(places.data(), places.size(), [&](std::size_t a, std::size_t b) {
    const int order = compare(snapshot, all[a], all[b]);
    return order != 0 ? order < 0 : a < b;
  });
  for (std::size_t first = 0; first < places.size();) {
    std::size_t end = first + 1;
    while (end < places.size() && compare(snapshot, all[places[first]], all[places[end]]) == 0) ++end;
    AgentInfo agents[kAgentsMax];
    Objects objects;
    std::size_t size = 0;
    for (std::size_t i = first; i < end && size < kAgentsMax; ++i) {
      agents[size++] = describe(snapshot, all[places[i]]);
      objects.add_those_of(snapshot, all[places[i]]);
    }
    Finding finding;
    finding.rule = "csp-goroutine-leak";
    finding.grade = grade;
    finding.message = message;
    finding.agents = {agents, size};
    finding.objects = objects.view();
    const std::uint32_t number = report::publish(finding);
    if (end - first > 1) report::publish_count(number, end - first);
    first = end;
  }
}

void publish_note(const Snapshot& snapshot, const MappedVector<std::size_t>& places) {
  AgentInfo agents[kAgentsMax];
  std::size_t size = 0;
  for (std::size_t i = 0; i < places.size() && size < kAgentsMax; ++i) {
    agents[size++] = describe(snapshot, snapshot.goroutines[places[i]]);
  }
  Finding finding;
  finding.rule = "csp-goroutine-leak";
  finding.grade = Grade::kNote;
  finding.message = "outlived main";
  finding.agents = {agents, size};
  const std::uint32_t number = report::publish(finding);
  if (places.size() > 1) report::publish_count(number, places.size());
}

struct Rule {
  const char* message;
  const char* rule;
};
constexpr Rule kRules[] = {
    {"send on closed channel", "csp-send-on-closed"},
    {"close of closed channel", "csp-double-close"},
    {"close of nil channel", "csp-close-nil"},
    {"sync: negative WaitGroup counter", "csp-waitgroup-misuse"},
    {"sync: WaitGroup", "csp-waitgroup-misuse"},
    {"sync: unlock of unlocked", "csp-unlock-of-unlocked"},
    {"sync: Unlock of unlocked", "csp-unlock-of-unlocked"},
    {"sync: RUnlock of unlocked", "csp-unlock-of-unlocked"},
    {"concurrent map", "csp-concurrent-map"},
};

bool starts_with(const char* text, const char* prefix) {
  while (*prefix != '\0') {
    if (*text++ != *prefix++) return false;
  }
  return true;
}

const char* rule_of(const char* message) {
  for (const Rule& known : kRules) {
    if (starts_with(message, known.message)) return known.rule;
  }
  return "csp-panic";
}

}  // namespace

void publish_leaks(const LeakFinder& finder, LeakPolicy policy) {
  if (policy == LeakPolicy::kOff) return;
  const Snapshot& snapshot = finder.snapshot();
  MappedVector<unsigned char> told;
  MappedVector<std::size_t> proven;
  MappedVector<std::size_t> others;
  if (!told.resize(snapshot.goroutines.size())) {
    report::add_totals({.lost = 1});
    return;
  }
  WaitCycles cycles(snapshot);
  cycles.for_each([&](const std::size_t* places, const WaitEdge* edges, std::size_t size) {
    publish_cycle(snapshot, places, edges, size);
    for (std::size_t i = 0; i < size; ++i) told[places[i]] = 1;
  });
  for (std::size_t i = 0; i < snapshot.goroutines.size(); ++i) {
    if (told[i] == 0) (finder.leaked(i) ? proven : others).push_back(i);
  }
  publish_groups(snapshot, proven, Grade::kWarning, "");
  if (policy == LeakPolicy::kAll)
    publish_groups(snapshot, others, Grade::kWarning, "outlived main");
  else if (!others.empty())
    publish_note(snapshot, others);
}

void publish_deadlock(const Snapshot& snapshot, const char* message) {
  MappedVector<AgentInfo> agents;
  Objects objects;
  for (const Goroutine& goroutine : snapshot.goroutines) {
    if (!agents.push_back(describe(snapshot, goroutine))) report::add_totals({.lost = 1});
    objects.add_those_of(snapshot, goroutine);
  }
  Finding finding;
  finding.rule = "csp-deadlock";
  finding.message = message;
  finding.agents = {agents.data(), agents.size()};
  finding.objects = objects.view();
  bool published = false;
  WaitCycles cycles(snapshot);
  cycles.for_each([&](const std::size_t*, const WaitEdge* edges, std::size_t size) {
    if (published) return;
    finding.edges = {edges, size};
    report::publish(finding);
    published = true;
  });
  if (!published) report::publish(finding);
}

void publish_death(const AgentRecord* caller, report::Stack stack, const char* message) {
  AgentInfo agent;
  if (caller != nullptr) {
    agent.agent = caller->id;
    agent.created_by = caller->parent;
    agent.creation_stack = caller->creation.view();
  }
  agent.stack = stack;
  Finding finding;
  finding.rule = rule_of(message);
  finding.message = message;
  finding.agents = {&agent, 1};
  report::publish(finding);
}

}  // namespace csp::leak
