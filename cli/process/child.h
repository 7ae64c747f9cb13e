#pragma once
// Running another program as if csp-race were not there.

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace csp::cli {

/// How a program ended: one of `exit` and `signal` is set.
struct Ended {
  std::optional<int> exit;
  std::optional<int> signal;
  std::chrono::milliseconds wall{0};
  bool left_running = false;  // Processes that it started still run.
  /// As a shell has it: the exit status, or 128 + the signal.
  int status() const;
};

/// "NAME=value", replacing what the environment has.
using Environment = std::vector<std::pair<std::string, std::string>>;

/// Runs `argv` (its first word looked up in $PATH) and blocks until it has ended. It shares our standard streams and
/// process group: Ctrl-C and Ctrl-\ reach it from the terminal, and we ignore them meanwhile, so that the report is
/// still made. TERM, HUP, USR1 and USR2 are passed on to it. Processes that it leaves behind are waited for, up to
/// `patience`. Throws Error (126, 127) when it cannot be started.
Ended run_child(const std::vector<std::string>& argv, const Environment& environment = {},
                std::chrono::milliseconds patience = std::chrono::milliseconds(0));

/// Runs `argv` and returns what it writes to its standard output; `ended` receives how it ended. Throws as run_child.
std::string capture_child(const std::vector<std::string>& argv, Ended& ended);

/// Becomes `argv`. Throws as run_child; does not return.
[[noreturn]] void become(const std::vector<std::string>& argv);

}  // namespace csp::cli
