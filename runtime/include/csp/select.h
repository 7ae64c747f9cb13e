#pragma once
// Waiting on several channels at once.

#include <concepts>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "csp/chan.h"
#include "csp/detail/select_op.h"

namespace csp {

class SelectCase;

namespace detail {

/// Runs one of the cases: returns its index, and SelectOp::ok. Blocks unless there is a kOtherwise. Panics when the
/// case is a send and the channel is closed; no case counts as run then.
std::size_t select(SelectOp* ops, std::size_t count);

/// The parameter of a handler, if it can be told: one call operator that is no template, and one parameter.
template <class F>
struct ParameterOf {};
template <class R, class A>
struct ParameterOf<R (*)(A)> {
  using type = std::remove_cvref_t<A>;
};
template <class F>
requires requires { &F::operator(); }
struct ParameterOf<F> {
  template <class R, class C, class A>
  static std::type_identity<std::remove_cvref_t<A>> of(R (C::*)(A));
  template <class R, class C, class A>
  static std::type_identity<std::remove_cvref_t<A>> of(R (C::*)(A) const);
  template <class R, class C, class A>
  static std::type_identity<std::remove_cvref_t<A>> of(R (C::*)(A) noexcept);
  template <class R, class C, class A>
  static std::type_identity<std::remove_cvref_t<A>> of(R (C::*)(A) const noexcept);
  static std::type_identity<void> of(...);
  using type = typename decltype(of(&F::operator()))::type;
};

template <class F, class T>
concept TakesOptional = std::invocable<F&, std::optional<T>> && !requires {
  requires std::same_as<typename ParameterOf<F>::type, T>;
};

template <class F, class T>
concept ReceiveHandler = TakesOptional<F, T> || std::invocable<F&, T> || std::invocable<F&>;

/// Calls a handler with what it asks for: nothing, the value and whether there was one, or the value, T{} if there was
/// none.
template <class T, class F>
void call_handler(F& handler, T* value) {
  if constexpr (TakesOptional<F, T>) {
    if (value != nullptr) {
      std::invoke(handler, std::optional<T>(std::move(*value)));
    } else {
      std::invoke(handler, std::optional<T>());
    }
  } else if constexpr (std::invocable<F&, T>) {
    if (value != nullptr) {
      std::invoke(handler, std::move(*value));
    } else {
      std::invoke(handler, T{});
    }
  } else {
    std::invoke(handler);
  }
}

// What becomes of a received value. `value` is null when the channel was closed.
template <class T>
struct Discard {
  void operator()(T*) const {}
};
template <class T, class Target>
struct Assign {
  Target* target;
  bool* ok;  // May be null.
  void operator()(T* value) const {
    if (value != nullptr) {
      *target = std::move(*value);
    } else {
      *target = T{};
    }
    if (ok != nullptr) *ok = value != nullptr;
  }
};
template <class T, class F>
struct CallHandler {
  F handler;
  void operator()(T* value) { call_handler<T>(handler, value); }
};

/// A case that receives. `Sink` is one of the three above.
template <class T, class Sink>
class ReceiveCase {
 public:
  using CaseTag = void;

  ReceiveCase(RecvChan<T> channel, Sink sink) : channel_(std::move(channel)), sink_(std::move(sink)) {}

  void prepare(SelectOp& op) {
    op.kind = SelectOp::Kind::kReceive;
    op.channel = channel_.core();
    op.slot = &slot_.value;
  }
  /// The case has run.
  void finish(const SelectOp& op) {
    if (!op.ok) {
      sink_(nullptr);
      return;
    }
    SlotOwner<T> owner{slot_};
    sink_(&slot_.value);
  }
  ReceiveCase kept() && { return ReceiveCase(std::move(channel_), std::move(sink_)); }

 private:
  RecvChan<T> channel_;
  Sink sink_;
  Slot<T> slot_;
};

struct Nothing {
  void operator()() const {}
};

/// A case that sends. Lives no longer than the select it is written in: an rvalue stays where it is until it is sent.
/// `Kept` cases own their value, to be selected on again and again.
enum class Ownership : bool { kBorrows, kKeeps };

template <class T, class F, Ownership kOwnership>
class SendCase {
 public:
  using CaseTag = void;

  SendCase(SendChan<T> channel, T* borrowed, F handler)
      : channel_(std::move(channel)), handler_(std::move(handler)), borrowed_(borrowed) {}
  template <class V>
  SendCase(SendChan<T> channel, std::in_place_t, V&& value, F handler)
      : channel_(std::move(channel)), handler_(std::move(handler)), own_(std::in_place, std::forward<V>(value)) {}

  void prepare(SelectOp& op) {
    op.kind = SelectOp::Kind::kSend;
    op.channel = channel_.core();
    if constexpr (kOwnership == Ownership::kKeeps && std::copy_constructible<T>) {
      staged_.emplace(*own_);
      op.slot = &*staged_;
    } else {
      op.slot = own_ ? &*own_ : borrowed_;
    }
  }
  void finish(const SelectOp&) { std::invoke(handler_); }

  SendCase<T, F, Ownership::kKeeps> kept() && {
    T& value = own_ ? *own_ : *borrowed_;
    return SendCase<T, F, Ownership::kKeeps>(std::move(channel_), std::in_place, std::move(value), std::move(handler_));
  }

 private:
  SendChan<T> channel_;
  F handler_;
  T* borrowed_ = nullptr;
  std::optional<T> own_;
  std::optional<T> staged_;  // kKeeps: what the next select sends.
};

template <class F>
class OtherwiseCase {
 public:
  using CaseTag = void;
  explicit OtherwiseCase(F handler) : handler_(std::move(handler)) {}
  void prepare(SelectOp& op) { op.kind = SelectOp::Kind::kOtherwise; }
  void finish(const SelectOp&) { std::invoke(handler_); }
  OtherwiseCase kept() && { return std::move(*this); }

 private:
  F handler_;
};

template <class C>
concept Receivable = C::kReceives;
template <class C>
concept Sendable = C::kSends;
template <class C>
concept AnyCase = requires {
  typename std::remove_cvref_t<C>::CaseTag;
};

}  // namespace detail

/// A case that receives and drops the value.
template <detail::Receivable C>
[[nodiscard]] auto recv(const C& channel) {
  using T = typename C::Element;
  return detail::ReceiveCase<T, detail::Discard<T>>(channel, {});
}

/// A case that receives into `target`: T{} when the channel is closed. Or, with a function, one that
/// calls it after the case has run: with a T, a std::optional<T> (nullopt when closed), or nothing.
template <detail::Receivable C, class Target>
[[nodiscard]] auto recv(const C& channel, Target&& target) {
  using T = typename C::Element;
  using Plain = std::remove_cvref_t<Target>;
  constexpr bool kIsVariable = std::is_lvalue_reference_v<Target> && !std::is_const_v<std::remove_reference_t<Target>>;
  if constexpr (kIsVariable && std::same_as<Plain, T>) {
    return detail::ReceiveCase<T, detail::Assign<T, Plain>>(channel, {&target, nullptr});
  } else if constexpr (detail::ReceiveHandler<std::decay_t<Target>, T>) {
    using F = std::decay_t<Target>;
    return detail::ReceiveCase<T, detail::CallHandler<T, F>>(channel, {std::forward<Target>(target)});
  } else {
    static_assert(kIsVariable && std::is_assignable_v<Plain&, T>,
                  "recv(channel, x): x must be a variable that the element can be assigned to, or a handler");
    return detail::ReceiveCase<T, detail::Assign<T, Plain>>(channel, {&target, nullptr});
  }
}

/// As above; `ok` tells whether there was a value.
template <detail::Receivable C, class Target>
requires std::is_assignable_v<Target&, typename C::Element>
[[nodiscard]] auto recv(const C& channel, Target& target, bool& ok) {
  using T = typename C::Element;
  return detail::ReceiveCase<T, detail::Assign<T, Target>>(channel, {&target, &ok});
}

/// A case that sends `value`, evaluated now. An rvalue is moved from only if the case runs. `handler` is called
/// afterwards.
template <detail::Sendable C, class V, class F = detail::Nothing>
requires std::convertible_to<V, typename C::Element> && std::invocable < std::decay_t<F>
& > [[nodiscard]] auto send(const C& channel, V&& value, F&& handler = {}) {
  using T = typename C::Element;
  using Case = detail::SendCase<T, std::decay_t<F>, detail::Ownership::kBorrows>;
  if constexpr (std::same_as<V, T>) {
    return Case(channel, &value, std::forward<F>(handler));
  } else {
    return Case(channel, std::in_place, std::forward<V>(value), std::forward<F>(handler));
  }
}

/// Go's default: runs when no other case can.
template <class F = detail::Nothing>
requires std::invocable < std::decay_t<F>
& > [[nodiscard]] auto otherwise(F&& handler = {}) {
  return detail::OtherwiseCase<std::decay_t<F>>(std::forward<F>(handler));
}

/// Any case, for selects whose cases are known only at run time. Made from what recv(), send() and otherwise() return;
/// may be selected on again and again. A send case owns its value and sends a copy each time, or moves it once if it
/// cannot be copied. Copies share one case: they must not be selected on at the same time.
class SelectCase {
 public:
  using CaseTag = void;

  template <detail::AnyCase Case>
  requires(!std::same_as<std::remove_cvref_t<Case>, SelectCase> && !std::is_lvalue_reference_v<Case>)
      SelectCase(Case&& from) {
    using Kept = decltype(std::move(from).kept());
    case_ = std::make_shared<Model<Kept>>(std::move(from));
  }

  void prepare(detail::SelectOp& op) { case_->prepare(op); }
  void finish(const detail::SelectOp& op) { case_->finish(op); }

 private:
  struct Concept {
    virtual ~Concept() = default;
    virtual void prepare(detail::SelectOp& op) = 0;
    virtual void finish(const detail::SelectOp& op) = 0;
  };
  template <class Kept>
  struct Model final : Concept {
    template <class Case>
    explicit Model(Case&& from) : it(std::move(from).kept()) {}
    void prepare(detail::SelectOp& op) override { it.prepare(op); }
    void finish(const detail::SelectOp& op) override { it.finish(op); }
    Kept it;
  };
  std::shared_ptr<Concept> case_;
};

/// Runs one of the cases that can run, each with the same probability; waits for one if there is none and no
/// otherwise(). Returns its index. A case on a nil channel can never run; with no case at all it blocks for ever.
template <class... Cases>
[[gnu::always_inline]] inline auto select(Cases&&... cases)
    -> std::enable_if_t<(detail::AnyCase<Cases> && ...), std::size_t> {
  if constexpr (sizeof...(Cases) == 0) {
    return detail::select(nullptr, 0);
  } else {
    detail::SelectOp ops[sizeof...(Cases)];
    std::size_t i = 0;
    (cases.prepare(ops[i++]), ...);
    const std::size_t chosen = detail::select(ops, sizeof...(Cases));
    i = 0;
    ((i++ == chosen ? cases.finish(ops[chosen]) : void()), ...);
    return chosen;
  }
}

/// As above, with cases known only at run time (Go: reflect.Select).
[[gnu::always_inline]] inline std::size_t select(std::span<SelectCase> cases) {
  std::vector<detail::SelectOp> ops(cases.size());
  for (std::size_t i = 0; i < cases.size(); ++i) cases[i].prepare(ops[i]);
  const std::size_t chosen = detail::select(ops.data(), ops.size());
  cases[chosen].finish(ops[chosen]);
  return chosen;
}

}  // namespace csp
