#pragma once
// Channels: typed, first-in first-out, with or without a buffer, as Go's.

#include <concepts>
#include <cstddef>
#include <functional>
#include <iterator>
#include <optional>
#include <type_traits>
#include <utility>

#include "csp/detail/channel_core.h"
#include "csp/panic.h"

namespace csp {

/// The value that says nothing: Go's struct{}.
struct Unit {
  friend bool operator==(Unit, Unit) = default;
};

template <class T>
class Chan;
template <class T>
class SendChan;
template <class T>
class RecvChan;

namespace detail {

/// What all handles can do.
class Handle {
 public:
  explicit operator bool() const noexcept { return ref_.get() != nullptr; }

  std::size_t len() const noexcept { return length(core()); }    // Elements in the buffer. Orders nothing.
  std::size_t cap() const noexcept { return capacity(core()); }  // Of the buffer.

  ChannelCore* core() const noexcept { return ref_.get(); }  // For the runtime.

 protected:
  Handle() = default;
  explicit Handle(ChannelRef ref) noexcept : ref_(std::move(ref)) {}
  const ChannelRef& ref() const noexcept { return ref_; }

 private:
  ChannelRef ref_;
};

/// The sending half of a handle, which Chan and SendChan share.
template <class T, class Self>
class Sending {
 public:
  /// Go's `ch <- value`: blocks until a receiver takes it or the buffer has room; for ever when nil. What happens
  /// before it happens before the receive completes. Panics "send on closed channel", also when closed meanwhile. A
  /// value given by rvalue is moved from only if it was sent.
  [[gnu::always_inline]] void send(const T& value) const requires std::copy_constructible<T> {
    T copy(value);
    detail::send(channel(), &copy);
  }
  [[gnu::always_inline]] void send(T&& value) const {
    if constexpr (std::is_trivially_copyable_v<T>) {
      T copy(std::move(value));
      detail::send(channel(), &copy);
    } else {
      detail::send(channel(), &value);
    }
  }

  /// Sends if that is possible without blocking; says whether it did. Panics when closed.
  [[gnu::always_inline]] [[nodiscard]] bool try_send(const T& value) const requires std::copy_constructible<T> {
    if (!may_send(channel())) return false;
    T copy(value);
    return detail::try_send(channel(), &copy);
  }
  [[gnu::always_inline]] [[nodiscard]] bool try_send(T&& value) const {
    if constexpr (std::is_trivially_copyable_v<T>) {
      if (!may_send(channel())) return false;
      T copy(std::move(value));
      return detail::try_send(channel(), &copy);
    } else {
      return detail::try_send(channel(), &value);
    }
  }

  /// No more will be sent: receivers get what is in the buffer, then nothing. What happens before it happens before a
  /// receive that finds the channel closed. Panics "close of closed channel", "close of nil channel".
  [[gnu::always_inline]] void close() const { detail::close(channel()); }

 private:
  ChannelCore* channel() const noexcept { return static_cast<const Self&>(*this).core(); }
};

/// The receiving half, which Chan and RecvChan share.
template <class T, class Self>
class Receiving {
 public:
  /// Go's `v := <-ch`: blocks until there is a value, for ever when nil; T{} once the channel is closed and drained.
  [[gnu::always_inline]] T recv() const requires std::default_initializable<T> {
    if constexpr (std::is_trivially_copyable_v<T>) {
      T value{};
      detail::receive(channel(), &value);
      return value;
    } else {
      Slot<T> slot;
      if (!detail::receive(channel(), &slot.value)) return T{};
      SlotOwner<T> owner{slot};
      return std::move(slot.value);
    }
  }

  /// Go's `v, ok := <-ch`: as recv, but nullopt once the channel is closed and drained.
  [[gnu::always_inline]] std::optional<T> receive() const {
    Slot<T> slot;
    if (!detail::receive(channel(), &slot.value)) return std::nullopt;
    SlotOwner<T> owner{slot};
    return std::optional<T>(std::move(slot.value));
  }

  /// A value if there is one at once; nullopt when empty or closed. Orders nothing when it fails on an open channel.
  [[gnu::always_inline]] [[nodiscard]] std::optional<T> try_recv() const {
    Slot<T> slot;
    if (!detail::try_receive(channel(), &slot.value)) return std::nullopt;
    SlotOwner<T> owner{slot};
    return std::optional<T>(std::move(slot.value));
  }

  /// Go's `for v := range ch`: receives until the channel is closed and drained.
  class Iterator {
   public:
    using value_type = T;
    using difference_type = std::ptrdiff_t;
    using iterator_concept = std::input_iterator_tag;

    [[gnu::always_inline]] explicit Iterator(const Self& channel) : channel_(channel) { value_ = channel_.receive(); }
    T& operator*() const { return *value_; }
    [[gnu::always_inline]] Iterator& operator++() {
      value_ = std::nullopt;  // Before waiting: the loop is done with it.
      std::optional<T> next = channel_.receive();
      if (next) value_.emplace(*std::move(next));
      return *this;
    }
    [[gnu::always_inline]] void operator++(int) { ++*this; }
    friend bool operator==(const Iterator& it, std::default_sentinel_t) { return !it.value_.has_value(); }

   private:
    Self channel_;
    mutable std::optional<T> value_;
  };
  [[gnu::always_inline]] Iterator begin() const { return Iterator(static_cast<const Self&>(*this)); }
  std::default_sentinel_t end() const noexcept { return {}; }

 private:
  ChannelCore* channel() const noexcept { return static_cast<const Self&>(*this).core(); }
};

}  // namespace detail

/// A channel of T: a cheap handle, shared by copying. Default is nil. Thread-safe as Go's: the channel is, one handle
/// variable is not.
template <class T>
class Chan : public detail::Handle, public detail::Sending<T, Chan<T>>, public detail::Receiving<T, Chan<T>> {
 public:
  using Element = T;
  static constexpr bool kSends = true;
  static constexpr bool kReceives = true;

  Chan() = default;
  Chan(std::nullptr_t) noexcept {}
  explicit Chan(detail::ChannelRef ref) noexcept : Handle(std::move(ref)) {}
  /// Of the same channel, or both nil. `channel == nullptr` works too.
  friend bool operator==(const Chan& a, const Chan& b) noexcept { return a.core() == b.core(); }

 private:
  friend class SendChan<T>;
  friend class RecvChan<T>;
};

/// Go's `chan<- T`: the end to send on. Any Chan converts to it.
template <class T>
class SendChan : public detail::Handle, public detail::Sending<T, SendChan<T>> {
 public:
  using Element = T;
  static constexpr bool kSends = true;
  static constexpr bool kReceives = false;

  SendChan() = default;
  SendChan(std::nullptr_t) noexcept {}
  SendChan(const Chan<T>& channel) noexcept : Handle(channel.ref()) {}
  friend bool operator==(const SendChan& a, const SendChan& b) noexcept { return a.core() == b.core(); }
};

/// Go's `<-chan T`: the end to receive from. Any Chan converts to it.
template <class T>
class RecvChan : public detail::Handle, public detail::Receiving<T, RecvChan<T>> {
 public:
  using Element = T;
  static constexpr bool kSends = false;
  static constexpr bool kReceives = true;

  RecvChan() = default;
  RecvChan(std::nullptr_t) noexcept {}
  RecvChan(const Chan<T>& channel) noexcept : Handle(channel.ref()) {}
  friend bool operator==(const RecvChan& a, const RecvChan& b) noexcept { return a.core() == b.core(); }
};

/// A channel with room for `capacity` elements; with none, a send waits for its receive.
template <class T>
[[gnu::always_inline]] [[nodiscard]] inline Chan<T> make_chan(std::size_t capacity = 0) {
  static_assert(std::is_object_v<T> && std::is_move_constructible_v<T>, "the elements of a channel must be movable");
  return Chan<T>(detail::ChannelRef(detail::make_channel(detail::kElementOps<T>, capacity)));
}

}  // namespace csp

template <class T>
struct std::hash<csp::Chan<T>> {
  std::size_t operator()(const csp::Chan<T>& channel) const noexcept { return std::hash<void*>{}(channel.core()); }
};
template <class T>
struct std::hash<csp::SendChan<T>> {
  std::size_t operator()(const csp::SendChan<T>& channel) const noexcept { return std::hash<void*>{}(channel.core()); }
};
template <class T>
struct std::hash<csp::RecvChan<T>> {
  std::size_t operator()(const csp::RecvChan<T>& channel) const noexcept { return std::hash<void*>{}(channel.core()); }
};
