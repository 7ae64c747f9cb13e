// A context is a node; a node holds its parent, up to a root. Three kinds matter:
//   CancelNode  can become done. What can become done, and is below it with no other in between, is in its list of
//   children,
//               and gets done with it: the parent first, then the children in the order in which they came.
//   ValueNode   adds a value.
//   the others  are roots, or cut their children off from the cancelling above (without_cancel).
//
// Who keeps whom: handles and children keep a node; a CancelNode also keeps its list of children, and an armed timer
// its node, for a done() channel may be all that somebody has kept of a context. Both let go once the node is done.
//
// Lock order: one node's lock at a time. Under it at most the timer heap's.

#include "csp/context.h"

#include <atomic>
#include <cstdint>
#include <new>
#include <string>

#include "base/spin_lock.h"
#include "csp/go.h"
#include "csp/hooks.h"
#include "time/timer_heap.h"

namespace csp {

using hooks::announce;
using hooks::Observer;

namespace {

class ContextErrors final : public std::error_category {
 public:
  constexpr ContextErrors() = default;
  const char* name() const noexcept override { return "csp"; }
  std::string message(int error) const override {
    switch (static_cast<Errc>(error)) {
      case Errc::kCanceled:
        return "context canceled";
      case Errc::kDeadlineExceeded:
        return "context deadline exceeded";
    }
    return "unknown csp error";
  }
};

// A static object that is never destroyed: goroutines may run on while the process exits.
template <class T>
union Immortal {
  T value;
  constexpr Immortal() : value() {}
  ~Immortal() {}
};

constinit Immortal<ContextErrors> errors;

}  // namespace

const std::error_category& error_category() noexcept { return errors.value; }

namespace detail {

struct CancelNode;

struct ContextNode {
  enum class Kind : std::uint8_t { kRoot, kValue, kWithoutCancel, kCancel };

  constexpr ContextNode(Kind node_kind, ContextNode* above, CancelNode* nearest)
      : kind(node_kind), parent(above), canceller(nearest) {}

  const Kind kind;
  std::atomic<std::uint32_t> references{1};  // Not counted for roots.
  ContextNode* const parent;                 // Counted; null for roots.
  CancelNode* const canceller;               // The nearest CancelNode, itself included, that makes this one done.
};

namespace {

struct ValueNode : ContextNode {
  ValueNode(ContextNode& above, ContextValue& given)
      : ContextNode(Kind::kValue, &above, above.canceller), value(given) {}
  ~ValueNode() { value.destroy(value); }
  ContextValue& value;
};

}  // namespace

struct CancelNode : ContextNode {
  explicit CancelNode(ContextNode& above)
      : ContextNode(Kind::kCancel, &above, this),
        deadline(above.canceller != nullptr ? above.canceller->deadline : rt::kNever) {}
  ~CancelNode() {
    if (call != nullptr) call->destroy(*call);
  }

  rt::Nanoseconds deadline;  // kNever: none. Constant once made, as are the next three.
  std::error_code deadline_cause = make_error_code(Errc::kDeadlineExceeded);
  Chan<Unit> done;  // Nil when `call` is to be called instead.
  bool calls = false;

  rt::SpinLock lock;    // Guards all below.
  std::error_code err;  // Set once.
  std::error_code cause;
  DoneCall* call = nullptr;  // Given away once err is set.
  rt::TimerEntry timer;
  CancelNode* first_child = nullptr;
  CancelNode* last_child = nullptr;

  // Our place among the children of the canceller above, whose lock guards it. After it took its children out, the
  // list belongs to the one that cancels.
  CancelNode* next = nullptr;
  CancelNode* previous = nullptr;
  bool listed = false;
};

struct ContextAccess {
  static ContextNode& node(const Context& ctx) { return *ctx.node_.get(); }
  static Context context(NodeRef node) { return Context(std::move(node)); }
};

namespace {

constinit ContextNode background_root(ContextNode::Kind::kRoot, nullptr, nullptr);
constinit ContextNode todo_root(ContextNode::Kind::kRoot, nullptr, nullptr);

// The parent's reference that a new child takes.
ContextNode& held(ContextNode& node) {
  hold(node);
  return node;
}

CancelNode* canceller_above(const CancelNode& node) { return node.parent->canceller; }

void destroy(ContextNode& node) {
  switch (node.kind) {
    case ContextNode::Kind::kRoot:
      break;
    case ContextNode::Kind::kValue:
      delete &static_cast<ValueNode&>(node);
      break;
    case ContextNode::Kind::kWithoutCancel:
      delete &node;
      break;
    case ContextNode::Kind::kCancel:
      delete &static_cast<CancelNode&>(node);
      break;
  }
}

// With the parent's lock held. The list takes a reference.
void append_child(CancelNode& parent, CancelNode& child) {
  hold(child);
  child.previous = parent.last_child;
  child.next = nullptr;
  child.listed = true;
  (parent.last_child != nullptr ? parent.last_child->next : parent.first_child) = &child;
  parent.last_child = &child;
}

// Takes `child` out of the list it is in, if it still is.
void remove_from_parent(CancelNode& child) {
  CancelNode* parent = canceller_above(child);
  if (parent == nullptr) return;
  parent->lock.lock();
  const bool listed = child.listed;
  if (listed) {
    child.listed = false;
    (child.previous != nullptr ? child.previous->next : parent->first_child) = child.next;
    (child.next != nullptr ? child.next->previous : parent->last_child) = child.previous;
  }
  parent->lock.unlock();
  if (listed) drop(child);
}

// With the lock held: takes the children out, in order.
CancelNode* take_children(CancelNode& node) {
  CancelNode* children = node.first_child;
  for (CancelNode* child = children; child != nullptr; child = child->next) child->listed = false;
  node.first_child = node.last_child = nullptr;
  return children;
}

void call_in_goroutine(DoneCall& call) {
  csp::go([&call] {
    announce(&Observer::acquire, static_cast<const void*>(&call));
    const struct Owner {
      DoneCall& owned;
      ~Owner() { owned.destroy(owned); }
    } owner{call};
    call.call(call);
  });
}

// Makes `node` done unless it is already. Returns its children, whose turn is next.
CancelNode* finish(CancelNode& node, std::error_code err, std::error_code cause) {
  node.lock.lock();
  if (node.err) {
    node.lock.unlock();
    return nullptr;
  }
  announce(&Observer::release, static_cast<const void*>(&node));
  node.err = err;
  node.cause = cause;
  CancelNode* children = take_children(node);
  DoneCall* call = std::exchange(node.call, nullptr);
  node.lock.unlock();

  if (rt::disarm(node.timer)) drop(node);  // The timer's reference. The caller has another.
  if (node.done) node.done.close();
  if (call != nullptr) call_in_goroutine(*call);
  return children;
}

// Makes `node` and all below it done. Not recursive: chains of contexts may be long.
void cancel(CancelNode& node, std::error_code err, std::error_code cause) {
  CancelNode* pending = finish(node, err, cause);
  while (pending != nullptr) {
    CancelNode* child = pending;
    pending = child->next;
    if (CancelNode* children = finish(*child, err, cause); children != nullptr) {
      CancelNode* last = children;
      while (last->next != nullptr) last = last->next;
      last->next = pending;  // A child's own children come before its siblings.
      pending = children;
    }
    drop(*child);
  }
  remove_from_parent(node);
}

// What has become of a context.
struct Outcome {
  std::error_code err;
  std::error_code cause;
};

Outcome outcome(CancelNode* node) {
  if (node == nullptr) return {};
  node->lock.lock();
  const Outcome found{node->err, node->cause};
  node->lock.unlock();
  if (found.err) announce(&Observer::acquire, static_cast<const void*>(node));
  return found;
}

// Makes a new child follow the cancelling above it.
void follow_parent(CancelNode& child) {
  CancelNode* parent = canceller_above(child);
  if (parent == nullptr) return;
  parent->lock.lock();
  const bool is_done = static_cast<bool>(parent->err);
  if (!is_done) append_child(*parent, child);
  parent->lock.unlock();
  if (is_done) {
    const Outcome above = outcome(parent);
    cancel(child, above.err, above.cause);
  }
}

CancelNode& make_child(const Context& parent) {
  auto* node = new CancelNode(held(ContextAccess::node(parent)));
  node->done = make_chan<Unit>();
  return *node;
}

void deadline_is_over(rt::TimerEntry& timer) {
  auto& node = *static_cast<CancelNode*>(timer.data);
  announce(&Observer::acquire, static_cast<const void*>(&timer));
  cancel(node, make_error_code(Errc::kDeadlineExceeded), node.deadline_cause);
  drop(node);
}

void arm_deadline(CancelNode& node) {
  node.lock.lock();
  if (!node.err) {
    announce(&Observer::release, static_cast<const void*>(&node.timer));
    hold(node);
    node.timer.data = &node;
    node.timer.fire = deadline_is_over;
    rt::arm(node.timer, node.deadline);
  }
  node.lock.unlock();
}

}  // namespace

void hold(ContextNode& node) {
  if (node.kind != ContextNode::Kind::kRoot) node.references.fetch_add(1, std::memory_order_relaxed);
}

void drop(ContextNode& node) {
  for (ContextNode* last = &node; last->kind != ContextNode::Kind::kRoot;) {
    announce(&Observer::release_merge, static_cast<const void*>(&last->references));
    // acq_rel: whoever destroys the node has seen all that its other holders did.
    if (last->references.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
    announce(&Observer::acquire, static_cast<const void*>(&last->references));
    ContextNode* parent = last->parent;
    destroy(*last);
    last = parent;
  }
}

const ContextValue* find_value(const ContextNode& node, const void* key) {
  for (const ContextNode* at = &node; at != nullptr; at = at->parent) {
    if (at->kind != ContextNode::Kind::kValue) continue;
    const ContextValue& value = static_cast<const ValueNode*>(at)->value;
    if (value.key == key) return &value;
  }
  return nullptr;
}

Context with_value(const Context& parent, ContextValue& value) {
  return ContextAccess::context(NodeRef(new ValueNode(held(ContextAccess::node(parent)), value)));
}

NodeRef call_when_done(const Context& ctx, DoneCall& call) {
  auto* node = new CancelNode(held(ContextAccess::node(ctx)));
  node->call = &call;
  announce(&Observer::release, static_cast<const void*>(&call));  // For the goroutine that will call it.
  follow_parent(*node);
  return NodeRef(node);
}

}  // namespace detail

using detail::CancelNode;
using detail::ContextAccess;
using detail::ContextNode;
using detail::NodeRef;

Context::Context() : node_(&detail::background_root) {}

RecvChan<Unit> Context::done() const {
  const CancelNode* node = node_.get()->canceller;
  return node == nullptr ? RecvChan<Unit>() : RecvChan<Unit>(node->done);
}

std::error_code Context::err() const { return detail::outcome(node_.get()->canceller).err; }

std::optional<TimePoint> Context::deadline() const {
  const CancelNode* node = node_.get()->canceller;
  if (node == nullptr || node->deadline == rt::kNever) return std::nullopt;
  return TimePoint(Clock::duration(node->deadline));
}

void CancelFunc::operator()() const {
  if (node_.get() == nullptr) csp::panic("call of nil CancelFunc");
  const std::error_code canceled = Errc::kCanceled;
  detail::cancel(static_cast<CancelNode&>(*node_.get()), canceled, canceled);
}

void CancelCauseFunc::operator()(std::error_code cause) const {
  if (node_.get() == nullptr) csp::panic("call of nil CancelCauseFunc");
  const std::error_code canceled = Errc::kCanceled;
  detail::cancel(static_cast<CancelNode&>(*node_.get()), canceled, cause ? cause : canceled);
}

bool StopFunc::operator()() const {
  if (node_.get() == nullptr) return false;
  auto& node = static_cast<CancelNode&>(*node_.get());
  node.lock.lock();
  detail::DoneCall* call = std::exchange(node.call, nullptr);
  if (call != nullptr) node.err = Errc::kCanceled;  // It is not to be called any more.
  node.lock.unlock();
  if (call == nullptr) return false;
  detail::remove_from_parent(node);
  announce(&Observer::acquire, static_cast<const void*>(call));
  call->destroy(*call);
  return true;
}

Context background() { return Context(); }

Context todo() { return ContextAccess::context(NodeRef(&detail::todo_root)); }

CancelableContext with_cancel(const Context& parent) {
  CancelNode& node = detail::make_child(parent);
  const NodeRef made(&node);
  detail::follow_parent(node);
  return {ContextAccess::context(made), CancelFunc(made)};
}

CauseCancelableContext with_cancel_cause(const Context& parent) {
  CancelNode& node = detail::make_child(parent);
  const NodeRef made(&node);
  detail::follow_parent(node);
  return {ContextAccess::context(made), CancelCauseFunc(made)};
}

CancelableContext with_deadline(const Context& parent, TimePoint deadline) {
  return with_deadline_cause(parent, deadline, Errc::kDeadlineExceeded);
}

CancelableContext with_deadline_cause(const Context& parent, TimePoint deadline, std::error_code cause) {
  if (const std::optional<TimePoint> above = parent.deadline(); above && *above < deadline) return with_cancel(parent);
  CancelNode& node = detail::make_child(parent);
  const NodeRef made(&node);
  node.deadline = deadline.time_since_epoch().count();
  if (cause) node.deadline_cause = cause;
  detail::follow_parent(node);
  if (deadline <= now()) {
    detail::cancel(node, Errc::kDeadlineExceeded, node.deadline_cause);
  } else {
    detail::arm_deadline(node);
  }
  return {ContextAccess::context(made), CancelFunc(made)};
}

Context without_cancel(const Context& parent) {
  ContextNode& above = detail::held(ContextAccess::node(parent));
  return ContextAccess::context(NodeRef(new ContextNode(ContextNode::Kind::kWithoutCancel, &above, nullptr)));
}

std::error_code cause(const Context& ctx) { return detail::outcome(ContextAccess::node(ctx).canceller).cause; }

}  // namespace csp
