#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace csp {

/// A place in the program.
struct Frame {
  std::string function;  // Qualified, without parameters; empty when unknown.
  std::string file;
  int line = 0;  // 0 when unknown.
};

/// What can be said about one goroutine.
struct GoroutineInfo {
  std::uint64_t id = 0;
  std::string name;                     // From GoOptions; empty when it has none.
  std::string state;                    // "running", "runnable" or "waiting".
  std::string wait_reason;              // As Go says it, such as "chan receive"; empty unless waiting.
  std::chrono::nanoseconds since{0};    // How long it has been waiting; some milliseconds are rounded off.
  std::vector<const void*> waiting_on;  // Addresses of the channels or the lock.
  std::vector<Frame> stack;             // Innermost first; the top is the first frame outside the runtime. Empty
                                        // when it has not started, or runs while it is looked at.
  Frame created_by;                     // Where go() was called; empty for main.
  std::uint64_t parent = 0;             // Who called go(); 0 when a thread did.
};

}  // namespace csp
