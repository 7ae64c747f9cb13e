#pragma once
// Cancellation, deadlines and values down a tree of calls, as Go's context package.

#include <chrono>
#include <functional>
#include <optional>
#include <system_error>
#include <type_traits>
#include <utility>

#include "csp/chan.h"
#include "csp/time.h"

namespace csp {

/// Why a context is done.
enum class Errc {
  kCanceled = 1,      // "context canceled"
  kDeadlineExceeded,  // "context deadline exceeded"
};

const std::error_category& error_category() noexcept;
inline std::error_code make_error_code(Errc error) noexcept { return {static_cast<int>(error), error_category()}; }

}  // namespace csp

template <>
struct std::is_error_code_enum<csp::Errc> : std::true_type {};

namespace csp {

class CancelFunc;
class CancelCauseFunc;
class Context;

namespace detail {

struct ContextNode;  // See context.cpp.

void hold(ContextNode& node);
void drop(ContextNode& node);

/// A counted reference to a node of the tree of contexts. Never null but when moved from or default-constructed.
class NodeRef {
 public:
  NodeRef() = default;
  explicit NodeRef(ContextNode* counted) : node_(counted) {}  // Takes over the caller's count.
  NodeRef(const NodeRef& other) : node_(other.node_) {
    if (node_ != nullptr) hold(*node_);
  }
  NodeRef(NodeRef&& other) noexcept : node_(std::exchange(other.node_, nullptr)) {}
  NodeRef& operator=(NodeRef other) noexcept {
    std::swap(node_, other.node_);
    return *this;
  }
  ~NodeRef() {
    if (node_ != nullptr) drop(*node_);
  }
  ContextNode* get() const { return node_; }
  friend bool operator==(const NodeRef&, const NodeRef&) = default;

 private:
  ContextNode* node_ = nullptr;
};

/// A value in the tree. `key` is the address of the variable below that stands for the key's type.
struct ContextValue {
  const void* key;
  void (*destroy)(ContextValue& self);
};

template <class Key>
struct ContextValueOf : ContextValue {
  template <class Value>
  explicit ContextValueOf(Value&& given)
      : ContextValue{&kKey, [](ContextValue& self) { delete &static_cast<ContextValueOf&>(self); }},
        value(std::forward<Value>(given)) {}
  static inline const char kKey = 0;
  const typename Key::Value value;
};

/// A function to be called in a goroutine of its own once a context is done.
struct DoneCall {
  void (*call)(DoneCall& self);
  void (*destroy)(DoneCall& self);
};

template <class F>
struct DoneCallOf : DoneCall {
  explicit DoneCallOf(F function)
      : DoneCall{[](DoneCall& self) { std::invoke(static_cast<DoneCallOf&>(self).f); },
                 [](DoneCall& self) { delete &static_cast<DoneCallOf&>(self); }},
        f(std::move(function)) {}
  F f;
};

struct ContextAccess;  // See context.cpp.

const ContextValue* find_value(const ContextNode& node, const void* key);
Context with_value(const Context& parent, ContextValue& value);
NodeRef call_when_done(const Context& ctx, DoneCall& call);

}  // namespace detail

/// A handle on a node of the tree of contexts, copied by value. All operations are const and thread-safe, and none
/// blocks. Cancelling happens before done() is closed, and before err() and cause() tell of it.
class Context {
 public:
  /// As background().
  Context();
  // Moving copies, so that a context is never without a node.
  Context(const Context&) = default;
  Context& operator=(const Context&) = default;

  /// Closed once this context, or one above it, is cancelled or its deadline is over. Nil when that cannot happen.
  RecvChan<Unit> done() const;
  /// No error until done; then kCanceled or kDeadlineExceeded.
  [[nodiscard]] std::error_code err() const;
  /// When it will be done at the latest.
  std::optional<TimePoint> deadline() const;
  /// The value nearest above that was stored under `Key`; null when there is none. Lives as long as the context.
  template <class Key>
  const typename Key::Value* value() const {
    const detail::ContextValue* found = detail::find_value(*node_.get(), &detail::ContextValueOf<Key>::kKey);
    return found == nullptr ? nullptr : &static_cast<const detail::ContextValueOf<Key>*>(found)->value;
  }

  friend bool operator==(const Context&, const Context&) = default;

 private:
  friend struct detail::ContextAccess;
  explicit Context(detail::NodeRef node) : node_(std::move(node)) {}
  detail::NodeRef node_;
};

/// Cancels the context that it was made with. Copyable; calling it again does nothing. Dropping it doesn't cancel.
class CancelFunc {
 public:
  CancelFunc() = default;
  explicit CancelFunc(detail::NodeRef node) : node_(std::move(node)) {}
  /// Thread-safe; doesn't block. Panics when default-constructed.
  void operator()() const;
  explicit operator bool() const { return node_.get() != nullptr; }

 private:
  detail::NodeRef node_;
};

/// Likewise, and says why. Without a cause it is kCanceled.
class CancelCauseFunc {
 public:
  CancelCauseFunc() = default;
  explicit CancelCauseFunc(detail::NodeRef node) : node_(std::move(node)) {}
  void operator()(std::error_code cause) const;
  explicit operator bool() const { return node_.get() != nullptr; }

 private:
  detail::NodeRef node_;
};

/// Keeps a function given to after_func from being called.
class StopFunc {
 public:
  StopFunc() = default;
  explicit StopFunc(detail::NodeRef node) : node_(std::move(node)) {}
  /// True if it did: the function will not be called. False: it was stopped before, or has begun.
  bool operator()() const;

 private:
  detail::NodeRef node_;
};

struct [[nodiscard]] CancelableContext {
  Context ctx;
  CancelFunc cancel;
};

struct [[nodiscard]] CauseCancelableContext {
  Context ctx;
  CancelCauseFunc cancel;
};

/// Never done, without values: the root of a tree. todo() is the same, for where the right one isn't known yet.
[[nodiscard]] Context background();
[[nodiscard]] Context todo();

/// A child of `parent`, done when the parent is or when `cancel` is called. Call it in every case, once the child is no
/// longer needed: until then the parent keeps the child.
[[nodiscard]] CancelableContext with_cancel(const Context& parent);
[[nodiscard]] CauseCancelableContext with_cancel_cause(const Context& parent);

/// Likewise, and done with kDeadlineExceeded at `deadline`, if the parent's isn't earlier.
[[nodiscard]] CancelableContext with_deadline(const Context& parent, TimePoint deadline);
/// Likewise, with the cause that it then has.
[[nodiscard]] CancelableContext with_deadline_cause(const Context& parent, TimePoint deadline, std::error_code cause);

template <class Rep, class Period>
[[nodiscard]] CancelableContext with_timeout(const Context& parent, std::chrono::duration<Rep, Period> timeout) {
  return with_deadline(parent, detail::from_now(detail::saturated(timeout)));
}
template <class Rep, class Period>
[[nodiscard]] CancelableContext with_timeout_cause(const Context& parent, std::chrono::duration<Rep, Period> timeout,
                                                   std::error_code cause) {
  return with_deadline_cause(parent, detail::from_now(detail::saturated(timeout)), cause);
}

/// A child in which `Key` has `value`. `Key` is a type of the caller's with a member type `Value`.
template <class Key, class Value>
[[nodiscard]] Context with_value(const Context& parent, Value&& value) {
  return detail::with_value(parent, *new detail::ContextValueOf<Key>(std::forward<Value>(value)));
}

/// A child with the parent's values that is never done.
[[nodiscard]] Context without_cancel(const Context& parent);

/// Why `ctx` is done: the first cause given to it or to one above it, err() when none was given, no error until done.
[[nodiscard]] std::error_code cause(const Context& ctx);

/// Calls `f` in a goroutine of its own once `ctx` is done; at once if it is. What comes back stops it.
template <class F>
StopFunc after_func(const Context& ctx, F&& f) {
  return StopFunc(detail::call_when_done(ctx, *new detail::DoneCallOf<std::decay_t<F>>(std::forward<F>(f))));
}

}  // namespace csp
