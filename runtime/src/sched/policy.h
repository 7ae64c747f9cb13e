#pragma once
// Every choice the scheduler is free to make is made here: which goroutine runs next, from whom to
// steal, in which order a select looks at its cases, which of two timers due at once fires first.
//
// By default choices are cheap and random. With $CSP_SCHED=seed:N they are a function of N alone: one processor,
// one generator, virtual time. The same program with the same seed then runs the same way.

#include <cstdint>

namespace csp::rt {

/// Which choice is made; a controlled schedule may want to treat them differently.
enum class Choice : std::uint8_t { kNext, kVictim, kSelectCase, kTimerTie };

/// A number in [0, count). `count` > 0. Thread-safe, never blocks.
std::uint32_t choose(Choice what, std::uint32_t count);

/// Whether $CSP_SCHED asks for a seeded schedule. Constant from the first call on.
bool seeded();

/// Whether the clock is virtual: it stands still while anything runs and jumps to the next timer when all
/// is blocked. Constant from the first call on.
bool virtual_time();

/// The virtual clock, in nanoseconds of csp::Clock. Meaningful only when virtual_time().
std::int64_t virtual_now();

/// Moves the virtual clock forward to `now`; never back.
void advance_virtual_time(std::int64_t now);

}  // namespace csp::rt
