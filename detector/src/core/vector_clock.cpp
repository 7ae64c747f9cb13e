#include "core/vector_clock.h"

namespace csp::race {
namespace {
constexpr unsigned kBits = 5;
constexpr unsigned kWidth = 1u << kBits;
}  // namespace

/// A level-0 node holds the clocks of 32 Tids, a level-n node 32 nodes of level n-1.
struct VectorClock::Node {
  std::atomic<std::uint32_t> owners;
  std::uint32_t level;
};

namespace {
using Node = VectorClock::Node;

struct Leaf : Node {
  Clock clocks[kWidth];
};
struct Inner : Node {
  Node* children[kWidth];
};

Leaf* leaf(Node* node) { return static_cast<Leaf*>(node); }
Inner* inner(Node* node) { return static_cast<Inner*>(node); }

/// Which of a node's places leads to `tid`.
unsigned place(std::uint32_t tid, unsigned level) { return (tid >> (level * kBits)) & (kWidth - 1); }

/// Whether a tree whose root has `level` has room for `tid`.
bool reaches(unsigned level, std::uint32_t tid) { return (std::uint64_t{tid} >> ((level + 1) * kBits)) == 0; }

std::size_t size_of(unsigned level) { return level == 0 ? sizeof(Leaf) : sizeof(Inner); }

Node* make_node(unsigned level) {
  auto* node = static_cast<Node*>(allocate(size_of(level)));
  node->owners.store(1, std::memory_order_relaxed);
  node->level = level;
  return node;
}

Node* share(Node* node) {
  if (node != nullptr) node->owners.fetch_add(1, std::memory_order_relaxed);
  return node;
}

void drop(Node* node) {
  if (node == nullptr) return;
  // acq_rel: the last owner sees what the others read and wrote before it recycles the memory.
  if (node->owners.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  if (node->level > 0) {
    for (Node* child : inner(node)->children) drop(child);
  }
  deallocate(node, size_of(node->level));
}

/// Turns our share of `node` into a node of our own. (3)
Node* own(Node* node) {
  if (node->owners.load(std::memory_order_acquire) == 1) return node;
  Node* copy = make_node(node->level);
  if (node->level == 0) {
    copy_bytes(leaf(copy)->clocks, leaf(node)->clocks, sizeof(Leaf::clocks));
  } else {
    for (unsigned i = 0; i < kWidth; ++i) inner(copy)->children[i] = share(inner(node)->children[i]);
  }
  drop(node);
  return copy;
}

/// Adds levels above `node` until it has `level`.
Node* lift(Node* node, unsigned level) {
  while (node->level < level) {
    Node* above = make_node(node->level + 1);
    inner(above)->children[0] = node;
    node = above;
  }
  return node;
}

/// Raises one entry below `node` (null: none yet), which we own a share of; returns our share of the result.
Node* raise_in(Node* node, unsigned level, Epoch epoch) {
  const auto tid = static_cast<std::uint32_t>(epoch.tid);
  node = node == nullptr ? make_node(level) : own(node);
  if (level == 0) {
    Clock& clock = leaf(node)->clocks[place(tid, 0)];
    if (clock < epoch.clock) clock = epoch.clock;
  } else {
    Node*& child = inner(node)->children[place(tid, level)];
    child = raise_in(child, level - 1, epoch);
  }
  return node;
}

/// Joins `theirs` into `ours`, which we own a share of; returns our share of the result. Both have the
/// same level. Subtrees that turn out equal to theirs are shared with them, so that the next join stops there.
Node* join_nodes(Node* ours, Node* theirs) {
  if (ours == theirs || theirs == nullptr) return ours;
  if (ours == nullptr) return share(theirs);
  if (ours->level == 0) {
    const Clock* a = leaf(ours)->clocks;
    const Clock* b = leaf(theirs)->clocks;
    bool ours_is_join = true;
    bool theirs_is_join = true;
    for (unsigned i = 0; i < kWidth; ++i) {
      ours_is_join &= a[i] >= b[i];
      theirs_is_join &= b[i] >= a[i];
    }
    if (theirs_is_join) {
      drop(ours);
      return share(theirs);
    }
    if (ours_is_join) return ours;
    ours = own(ours);
    Clock* joined = leaf(ours)->clocks;
    for (unsigned i = 0; i < kWidth; ++i) {
      if (joined[i] < b[i]) joined[i] = b[i];
    }
    return ours;
  }
  bool theirs_is_join = true;
  for (unsigned i = 0; i < kWidth; ++i) {
    Node* a = inner(ours)->children[i];
    Node* b = inner(theirs)->children[i];
    if (a == b) continue;
    if (b == nullptr) {
      theirs_is_join = false;
      continue;
    }
    ours = own(ours);
    Node*& child = inner(ours)->children[i];
    child = join_nodes(child, b);
    theirs_is_join &= child == b;
  }
  if (theirs_is_join) {
    drop(ours);
    return share(theirs);
  }
  return ours;
}

/// As join_nodes, for a `theirs` of a lower level: it concerns the first subtree only.
Node* join_below(Node* ours, Node* theirs) {
  if (ours->level == theirs->level) return join_nodes(ours, theirs);
  ours = own(ours);
  Node*& first = inner(ours)->children[0];
  first = first == nullptr ? lift(share(theirs), ours->level - 1) : join_below(first, theirs);
  return ours;
}

}  // namespace

Clock VectorClock::get_from_tree(Tid tid) const {
  const auto index = static_cast<std::uint32_t>(tid);
  Node* node = root_;
  if (!reaches(node->level, index)) return 0;
  while (node->level > 0) {
    node = inner(node)->children[place(index, node->level)];
    if (node == nullptr) return 0;
  }
  return leaf(node)->clocks[place(index, 0)];
}

void VectorClock::raise(Epoch epoch) {
  for (unsigned i = 0; i < inline_count_; ++i) {
    if (inline_[i].tid != epoch.tid) continue;
    if (inline_[i].clock < epoch.clock) inline_[i].clock = epoch.clock;
    return;
  }
  if (root_ != nullptr && get_from_tree(epoch.tid) >= epoch.clock) return;  // (1)
  if (inline_count_ >= kInline) fold();
  inline_[inline_count_++] = epoch;
}

void VectorClock::fold() {
  for (unsigned i = 0; i < inline_count_; ++i) {
    const auto tid = static_cast<std::uint32_t>(inline_[i].tid);
    unsigned level = root_ == nullptr ? 0 : root_->level;
    while (!reaches(level, tid)) ++level;
    if (root_ != nullptr) root_ = lift(root_, level);
    root_ = raise_in(root_, level, inline_[i]);
  }
  inline_count_ = 0;
}

void VectorClock::drop_covered() {
  unsigned kept = 0;
  for (unsigned i = 0; i < inline_count_; ++i) {
    if (get_from_tree(inline_[i].tid) < inline_[i].clock) inline_[kept++] = inline_[i];  // (1)
  }
  inline_count_ = kept;
}

void VectorClock::join(const VectorClock& other) {
  if (other.root_ != nullptr && other.root_ != root_) {
    if (root_ == nullptr) {
      root_ = share(other.root_);
    } else {
      root_ = lift(root_, other.root_->level);
      root_ = join_below(root_, other.root_);
    }
    drop_covered();
  }
  for (unsigned i = 0; i < other.inline_count_; ++i) raise(other.inline_[i]);
}

void VectorClock::assign(const VectorClock& other) {
  if (root_ != other.root_) {
    Node* old = root_;
    root_ = share(other.root_);
    drop(old);
  }
  inline_count_ = other.inline_count_;
  for (unsigned i = 0; i < inline_count_; ++i) inline_[i] = other.inline_[i];
}

void VectorClock::assign_release(const VectorClock& other, Epoch own) {
  assign(other);
  for (unsigned i = 0; i < inline_count_; ++i) {
    if (inline_[i].tid != own.tid) continue;
    if (inline_[i].clock < own.clock) inline_[i].clock = own.clock;
    return;
  }
  if (inline_count_ > kInline) fold();
  inline_[inline_count_++] = own;
}

void VectorClock::clear() {
  drop(root_);
  root_ = nullptr;
  inline_count_ = 0;
}

}  // namespace csp::race
