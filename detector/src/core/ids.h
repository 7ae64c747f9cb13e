#pragma once
// The detector's numbers, each a type of its own, and what their ends mean.

#include <cstdint>

namespace csp::race {

/// Names a line of program order. A goroutine or thread may take over the Tid of one that ended
/// before it began, in happens-before order (see identity.h). Counts from 1; 0 is nobody.
enum class Tid : std::uint32_t { kNone = 0 };
inline constexpr unsigned kTidBits = 26;
inline constexpr std::uint32_t kTidMax = (1u << kTidBits) - 2;  // The last value marks special shadow words.

/// Counts a Tid's releases, from 1; 0 is "never". At kClockMax the agent takes a fresh Tid.
using Clock = std::uint32_t;
inline constexpr unsigned kClockBits = 28;
inline constexpr Clock kClockMax = (1u << kClockBits) - 1;

/// A point on a Tid's line.
struct Epoch {
  Tid tid = Tid::kNone;
  Clock clock = 0;
};

/// An interned calling context: a return address and the context it returns to. 0 is the empty one.
enum class ContextId : std::uint32_t { kEmpty = 0 };

}  // namespace csp::race
