// A graph of locks. An edge from A to B says that somebody took B while holding A; a cycle of such edges,
// each by a different agent, is a deadlock that waits for its day. Found when its last edge is added.
//
// What is no finding
//   - a cycle that one agent makes alone: it cannot meet itself;
//   - a gate: two edges taken under one common lock exclude each other;
//   - two readers: an edge's taker must conflict with the holder that it would wait for;
//   - a try: it does not wait. What it took counts as held;
//   - orders that cannot meet, where the detector knows: one is over before the other begins.
//
// Considered: classes of locks, as Linux's lockdep has them. They find more from less, but every ordered
// pair of one class (by address, by id) is then a false alarm that needs an annotation.

#include "lock_order.h"

#include "private_memory.h"

namespace csp::leak {
namespace {

using hooks::LockHow;
using hooks::LockMode;

constexpr std::size_t kGatesMax = 8;      // Beyond, a gate may go unseen: checked again on each report.
constexpr std::size_t kEdgesPerPair = 4;  // By different agents.
constexpr std::size_t kCycleMax = 8;

struct LockNode;

/// "`agent` took `to` while it held `from`."
struct Edge {
  Edge* next_out;
  LockNode* from;
  LockNode* to;
  report::AgentId agent;
  LockMode held_mode;
  LockMode wanted_mode;
  std::uint64_t held_stamp;
  std::uint64_t wanted_stamp;
  std::uintptr_t gates[kGatesMax];  // What else it held.
  std::size_t gates_size;
  StoredStack held_stack;
  StoredStack wanted_stack;
};

struct Holder {
  Holder* next;
  AgentRecord* agent;
};

struct LockNode {
  LockNode* next_in_bucket;
  std::uintptr_t address;
  const char* kind;
  Holder* holders;
  Edge* out;
  std::uint32_t edges_in;
};

/// Everything is guarded by `mutex`.
class LockGraph {
 public:
  SpinMutex mutex;

  LockNode* find(std::uintptr_t address) const {
    LockNode* node = buckets_[bucket(address)];
    while (node != nullptr && node->address != address) node = node->next_in_bucket;
    return node;
  }

  LockNode* find_or_make(std::uintptr_t address, const char* kind) {
    if (LockNode* known = find(address)) return known;
    LockNode* node = nodes_.create();
    if (node == nullptr) return nullptr;
    node->address = address;
    node->kind = kind;
    node->next_in_bucket = buckets_[bucket(address)];
    buckets_[bucket(address)] = node;
    ++size_;
    return node;
  }

  void taken(LockNode& node, AgentRecord& agent, LockMode mode, LockHow how, const StoredStack& stack) {
    const std::uint64_t stamp = environment().stamp != nullptr ? environment().stamp() : 0;
    if (how == LockHow::kBlocking) {
      for (const Held* held = agent.held; held != nullptr; held = held->next) {
        LockNode* from = find(held->lock);
        if (from != nullptr && from != &node) add_edge(*from, node, agent, *held, mode, stamp, stack);
      }
    }
    Held* held = held_.create();
    Holder* holder = holders_.create();
    if (held == nullptr || holder == nullptr) {
      report::add_totals({.lost = 1});
      return;
    }
    held->lock = node.address;
    held->mode = mode;
    held->stamp = stamp;
    held->stack = stack;
    held->next = agent.held;
    agent.held = held;
    holder->agent = &agent;
    holder->next = node.holders;
    node.holders = holder;
  }

  /// Prefers the caller, as a reader's unlock must; else whoever holds it: locks may be handed over.
  void given_back(LockNode& node, AgentRecord* caller) {
    Holder** chosen = &node.holders;
    for (Holder** at = &node.holders; *at != nullptr; at = &(*at)->next) {
      if ((*at)->agent == caller) chosen = at;
    }
    Holder* holder = *chosen;
    if (holder == nullptr) return;
    *chosen = holder->next;
    remove_held(*holder->agent, node.address);
    holders_.destroy(holder);
  }

  void forget(AgentRecord& agent) {
    while (Held* held = agent.held) {
      agent.held = held->next;
      if (LockNode* node = find(held->lock)) remove_holder(*node, agent);
      held_.destroy(held);
    }
  }

  void gone(std::uintptr_t address, std::size_t size) {
    if (size_ == 0) return;
    if (size <= kProbedBytes) {
      for (std::uintptr_t at = address; at < address + size; ++at) {
        if (LockNode* node = find(at)) remove(*node);
      }
      return;
    }
    for (LockNode* first : buckets_) {
      for (LockNode* node = first; node != nullptr;) {
        LockNode* next = node->next_in_bucket;
        if (node->address - address < size) remove(*node);
        node = next;
      }
    }
  }

 private:
  /// The locks of a cycle, sorted: the same for each rotation and each mixture of agents.
  struct Cycle {
    std::uintptr_t locks[kCycleMax];
    std::size_t size;
    bool contains(std::uintptr_t lock) const {
      for (std::size_t i = 0; i < size; ++i) {
        if (locks[i] == lock) return true;
      }
      return false;
    }
    bool operator==(const Cycle& other) const {
      if (size != other.size) return false;
      for (std::size_t i = 0; i < size; ++i) {
        if (locks[i] != other.locks[i]) return false;
      }
      return true;
    }
  };

  static constexpr std::size_t kBuckets = 1 << 14;
  static constexpr std::size_t kProbedBytes = 512;

  static std::size_t bucket(std::uintptr_t address) {
    return static_cast<std::size_t>((address >> 3) * 0x9e3779b97f4a7c15u >> 50);
  }

  void remove_held(AgentRecord& agent, std::uintptr_t lock) {
    for (Held** at = &agent.held; *at != nullptr; at = &(*at)->next) {
      if ((*at)->lock != lock) continue;
      Held* held = *at;
      *at = held->next;
      held_.destroy(held);
      return;
    }
  }

  void remove_holder(LockNode& node, const AgentRecord& agent) {
    for (Holder** at = &node.holders; *at != nullptr; at = &(*at)->next) {
      if ((*at)->agent != &agent) continue;
      Holder* holder = *at;
      *at = holder->next;
      holders_.destroy(holder);
      return;
    }
  }

  void remove(LockNode& node) {
    while (node.holders != nullptr) given_back(node, nullptr);
    while (Edge* edge = node.out) {
      node.out = edge->next_out;
      --edge->to->edges_in;
      edges_.destroy(edge);
    }
    if (node.edges_in != 0) remove_edges_to(node);
    for (std::size_t i = 0; i < reported_.size();) {
      // Another lock may come to this address.
      if (!reported_[i].contains(node.address)) {
        ++i;
        continue;
      }
      reported_[i] = reported_.back();
      reported_.pop_back();
    }
    LockNode** at = &buckets_[bucket(node.address)];
    while (*at != &node) at = &(*at)->next_in_bucket;
    *at = node.next_in_bucket;
    nodes_.destroy(&node);
    --size_;
  }

  void remove_edges_to(const LockNode& node) {
    for (LockNode* first : buckets_) {
      for (LockNode* from = first; from != nullptr; from = from->next_in_bucket) {
        for (Edge** at = &from->out; *at != nullptr;) {
          Edge* edge = *at;
          if (edge->to != &node) {
            at = &edge->next_out;
            continue;
          }
          *at = edge->next_out;
          edges_.destroy(edge);
        }
      }
    }
  }

  void add_edge(LockNode& from, LockNode& to, AgentRecord& agent, const Held& held, LockMode mode, std::uint64_t stamp,
                const StoredStack& stack) {
    std::size_t known = 0;
    for (const Edge* edge = from.out; edge != nullptr; edge = edge->next_out) {
      if (edge->to != &to) continue;
      if (same(edge->agent, agent.id) && edge->held_mode == held.mode && edge->wanted_mode == mode) return;
      if (++known == kEdgesPerPair) return;
    }
    Edge* edge = edges_.create();
    if (edge == nullptr) {
      report::add_totals({.lost = 1});
      return;
    }
    edge->from = &from;
    edge->to = &to;
    edge->agent = agent.id;
    edge->held_mode = held.mode;
    edge->wanted_mode = mode;
    edge->held_stamp = held.stamp;
    edge->wanted_stamp = stamp;
    for (const Held* other = agent.held; other != nullptr && edge->gates_size < kGatesMax; other = other->next) {
      if (other->lock != from.address) edge->gates[edge->gates_size++] = other->lock;
    }
    edge->held_stack = held.stack;
    edge->wanted_stack = stack;
    edge->next_out = from.out;
    from.out = edge;
    ++to.edges_in;
    path_[0] = edge;
    search(1);
  }

  static bool same(report::AgentId a, report::AgentId b) { return a.kind == b.kind && a.id == b.id; }

  // Whether `edge` can be the next one after path_[0 .. size): a holder that the path's last would wait for, and
  // nothing that keeps it from meeting the others.
  bool can_meet(const Edge& edge, std::size_t size) const {
    const Edge& last = *path_[size - 1];
    if (last.wanted_mode == LockMode::kShared && edge.held_mode == LockMode::kShared) return false;
    for (std::size_t i = 0; i < size; ++i) {
      const Edge& other = *path_[i];
      if (same(other.agent, edge.agent) || other.from == edge.from) return false;
      for (std::size_t a = 0; a < edge.gates_size; ++a) {
        for (std::size_t b = 0; b < other.gates_size; ++b) {
          if (edge.gates[a] == other.gates[b]) return false;
        }
      }
      // Over before the other began: taking `wanted` happened before the other took `held`.
      if (const auto ordered = environment().ordered; ordered != nullptr && environment().stamp != nullptr) {
        if (ordered(edge.wanted_stamp, other.held_stamp) || ordered(other.wanted_stamp, edge.held_stamp)) return false;
      }
    }
    return true;
  }

  // Extends the path until it comes back to where path_[0] started. True once something was reported.
  bool search(std::size_t size) {
    for (const Edge* edge = path_[size - 1]->to->out; edge != nullptr; edge = edge->next_out) {
      if (!can_meet(*edge, size)) continue;
      path_[size] = edge;
      if (edge->to == path_[0]->from) {
        if (edge->wanted_mode == LockMode::kShared && path_[0]->held_mode == LockMode::kShared) continue;
        report_cycle(size + 1);
        return true;
      }
      if (size + 1 < kCycleMax && search(size + 1)) return true;
    }
    return false;
  }

  void report_cycle(std::size_t size) {
    Cycle cycle{{}, size};
    for (std::size_t i = 0; i < size; ++i) cycle.locks[i] = path_[i]->from->address;
    sort(cycle.locks, size, [](std::uintptr_t a, std::uintptr_t b) { return a < b; });
    for (const Cycle& known : reported_) {
      if (known == cycle) return;
    }
    reported_.push_back(cycle);
    report::WaitEdge edges[kCycleMax];
    report::Object objects[kCycleMax];
    for (std::size_t i = 0; i < size; ++i) {
      const Edge& edge = *path_[i];
      edges[i] = {edge.agent, edge.from->address, edge.held_stack.view(), edge.to->address, edge.wanted_stack.view()};
      objects[i] = {edge.from->address, edge.from->kind, {}};
    }
    report::Finding finding;
    finding.rule = "csp-lock-order";
    finding.grade = report::Grade::kWarning;
    finding.edges = {edges, size};
    finding.objects = {objects, size};
    report::publish(finding);
  }

  LockNode* buckets_[kBuckets] = {};
  std::size_t size_ = 0;
  Pool<LockNode> nodes_;
  Pool<Edge> edges_;
  Pool<Held> held_;
  Pool<Holder> holders_;
  const Edge* path_[kCycleMax] = {};
  MappedVector<Cycle> reported_;
};

// Never destroyed: threads go on while the process exits.
union Immortal {
  constexpr Immortal() : graph() {}
  ~Immortal() {}
  LockGraph graph;
};
constinit Immortal immortal;
constinit LockGraph& graph = immortal.graph;

}  // namespace

void lock_taken(std::uintptr_t lock, const char* kind, LockMode mode, LockHow how, const void* pc) {
  AgentRecord* agent = current_agent();
  if (agent == nullptr) return;
  StoredStack stack;
  capture_stack(stack, pc);
  SpinGuard guard(graph.mutex);
  if (LockNode* node = graph.find_or_make(lock, kind)) graph.taken(*node, *agent, mode, how, stack);
}

void lock_given_back(std::uintptr_t lock, LockMode /*mode*/) {
  AgentRecord* agent = current_agent();
  SpinGuard guard(graph.mutex);
  if (LockNode* node = graph.find(lock)) graph.given_back(*node, agent);
}

void before_fork() {
  graph.mutex.lock();
  lock_records();
}

void after_fork() {
  unlock_records();
  graph.mutex.unlock();
}

void lock_gone(std::uintptr_t address, std::size_t size) {
  SpinGuard guard(graph.mutex);
  graph.gone(address, size);
}

void forget_agent(AgentRecord& agent) {
  if (agent.held == nullptr) return;
  SpinGuard guard(graph.mutex);
  graph.forget(agent);
}

void for_each_holder(std::uintptr_t lock, void (*visit)(void* context, const AgentRecord& holder, const Held& held),
                     void* context) {
  SpinGuard guard(graph.mutex);
  const LockNode* node = graph.find(lock);
  if (node == nullptr) return;
  for (const Holder* holder = node->holders; holder != nullptr; holder = holder->next) {
    for (const Held* held = holder->agent->held; held != nullptr; held = held->next) {
      if (held->lock == lock) {
        visit(context, *holder->agent, *held);
        break;
      }
    }
  }
}

}  // namespace csp::leak
