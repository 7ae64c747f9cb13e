#pragma once
// Verdicts about goroutines, as findings.

#include <cstddef>

#include "leak_finder.h"
#include "snapshot.h"

namespace csp::leak {

/// $CSP_RACE_LEAKS.
enum class LeakPolicy : std::uint8_t {
  kProven,  // Proven leaks are findings; goroutines that merely outlived main are a note.
  kAll,     // "all": those are findings as well.
  kOff,     // "off": nothing is said.
};

/// At the end of main: cycles of goroutines that wait for each other's locks, leaks, and who else is left.
void publish_leaks(const LeakFinder& finder, LeakPolicy policy);

/// All goroutines are asleep: all of them, with the cycle of locks if there is one.
void publish_deadlock(const Snapshot& snapshot, const char* message);

/// The process dies of `message`; `caller` may be null.
void publish_death(const AgentRecord* caller, report::Stack stack, const char* message);

}  // namespace csp::leak
