#pragma once
// What the templates of <csp/chan.h> and <csp/select.h> are built on: channels of elements of unknown type.

#include <cstddef>
#include <new>
#include <type_traits>
#include <utility>

namespace csp::detail {

/// How to handle an element. The functions are instantiated in the user's code, so that a detector
/// sees what they touch.
struct ElementOps {
  std::size_t size = 0;
  std::size_t alignment = 0;
  void (*move)(void* to, void* from) = nullptr;  // Constructs *to from std::move(*from). Null: copy the bytes.
  void (*destroy)(void* element) = nullptr;      // Null: nothing to do.
};

template <class T>
inline constexpr ElementOps kElementOps = [] {
  ElementOps ops{sizeof(T), alignof(T), nullptr, nullptr};
  if constexpr (!std::is_trivially_copyable_v<T>) {
    ops.move = [](void* to, void* from) { ::new (to) T(std::move(*static_cast<T*>(from))); };
    ops.destroy = [](void* element) { static_cast<T*>(element)->~T(); };
  }
  return ops;
}();

class ChannelCore;

// All of these take null for the nil channel, but for retain(), drop() and hide_buffer(). They are not inlined: their
// return address, since the members that call them are, is the user's line.

/// A channel with one reference.
[[nodiscard]] ChannelCore* make_channel(const ElementOps& ops, std::size_t capacity);
void retain(ChannelCore& channel) noexcept;
/// The last reference destroys the channel and what is in its buffer.
void drop(ChannelCore& channel) noexcept;

/// Moves from *value once somebody takes it or there is room. Blocks. Panics when the channel is closed.
void send(ChannelCore* channel, void* value);
/// Moves from *value if that is possible at once. Panics when the channel is closed.
[[nodiscard]] bool try_send(ChannelCore* channel, void* value);
/// False: try_send would fail now. True: it may not.
[[nodiscard]] bool may_send(const ChannelCore* channel) noexcept;

/// Constructs an element at `slot`. False when the channel is closed and drained. Blocks.
bool receive(ChannelCore* channel, void* slot);
/// As receive, without blocking: false when there is nothing to receive, for whatever reason.
[[nodiscard]] bool try_receive(ChannelCore* channel, void* slot);

void close(ChannelCore* channel);
std::size_t length(const ChannelCore* channel) noexcept;
std::size_t capacity(const ChannelCore* channel) noexcept;

/// From now on the channel says that it has no capacity: a timer's.
void hide_buffer(ChannelCore& channel) noexcept;

/// A counted reference to a channel, or nil.
class ChannelRef {
 public:
  ChannelRef() = default;
  /// Takes over a reference.
  explicit ChannelRef(ChannelCore* channel) noexcept : core_(channel) {}
  ChannelRef(const ChannelRef& other) noexcept : core_(other.core_) {
    if (core_ != nullptr) retain(*core_);
  }
  ChannelRef(ChannelRef&& other) noexcept : core_(std::exchange(other.core_, nullptr)) {}
  ChannelRef& operator=(ChannelRef other) noexcept {
    std::swap(core_, other.core_);
    return *this;
  }
  ~ChannelRef() {
    if (core_ != nullptr) drop(*core_);
  }

  ChannelCore* get() const noexcept { return core_; }

 private:
  ChannelCore* core_ = nullptr;
};

/// Room for an element that may or may not come.
template <class T>
union Slot {
  Slot() {}
  ~Slot() {}
  T value;
};

/// Destroys the element in a slot when the scope is left.
template <class T>
struct SlotOwner {
  Slot<T>& slot;
  ~SlotOwner() { slot.value.~T(); }
};

}  // namespace csp::detail
