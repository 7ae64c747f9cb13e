#pragma once
// The phrases that every explanation is made of.

#include <cstdint>
#include <string>

#include "model/report.h"
#include "source/source.h"

namespace csp::cli {

/// "goroutine 7 "worker"", "goroutine 1 (main)", "thread 2", "the main thread", "an unknown thread".
std::string who(const Finding& finding, const std::string& agent);
/// The same without name: "goroutine 7".
std::string who_briefly(const std::string& agent);
const Goroutine* goroutine_of(const Finding& finding, const std::string& agent);

/// "4 bytes", "1 byte".
std::string bytes(std::uint64_t size);
/// "2.1 s", "15 ms", "3 min".
std::string duration(std::int64_t ns);
/// "1 goroutine", "2 goroutines", "2 lock order inversions", "3 accesses".
std::string counted(std::uint64_t count, const std::string& noun);

/// "in bump(), called from worker() at a.cpp:20" for the user's frames of a stack; "" when there is but one
/// to tell of, since its line is shown.
std::string call_path(const Stack& stack);

/// The place of the innermost frame of the user's.
Place place_of(const Stack& stack);
std::string function_of(const Stack& stack);
/// "a.cpp:20".
std::string line_of(const Place& place);

/// The name of the variable that the access on top of `stack` touches, as its source line has it; "" when unclear.
std::string accessed_name(const Stack& stack, SourceCache& sources);

/// The channel or lock on which the call on top of `stack` is made: "jobs" for `jobs.recv()`, "mu" for
/// `std::lock_guard guard(mu)`; "" when unclear.
std::string receiver_name(const Stack& stack, SourceCache& sources);

/// "'mu'" when the object has a name, else "the mutex", or "mutex B" when the finding has several.
std::string object_name(const Finding& finding, const std::string& address);

/// Gives objects that have no name the one that all their uses in the source agree on.
void name_objects(Finding& finding, SourceCache& sources);

/// Adds "created here by ..." for `agent`, unless it is the main goroutine or unknown.
void add_creation_note(Finding& finding, const std::string& agent);

}  // namespace csp::cli
