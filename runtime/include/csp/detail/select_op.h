#pragma once

#include <cstddef>
#include <cstdint>

namespace csp::detail {

class ChannelCore;

/// One case of a select as the runtime sees it, and one in a row of them. Lives in the frame of select.
struct SelectOp {
  enum class Kind : std::uint8_t { kReceive, kSend, kOtherwise };

  ChannelCore* channel = nullptr;
  void* slot = nullptr;  // kSend: the value to move from. kReceive: where to construct it.
  Kind kind = Kind::kReceive;
  bool ok = false;  // kReceive: out, whether a value came.

  // The runtime's own. Left alone here: it may be many bytes, and most selects never block.
  std::uint16_t poll_order;
  std::uint16_t lock_order;
  alignas(void*) unsigned char waiter[96];
};

}  // namespace csp::detail
