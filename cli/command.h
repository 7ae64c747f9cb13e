#pragma once
// A verb of the command line. One file of commands/ for each.

#include <span>
#include <string>
#include <vector>

namespace csp::cli {

struct Command {
  const char* name;
  const char* summary;  // One line of --help.
  /// Runs the verb on the words after its name; returns the exit status. Throws Error.
  int (*run)(const std::vector<std::string>& words);
};

extern const Command kRunCommand;
extern const Command kCxxCommand;
extern const Command kVetCommand;
extern const Command kReportCommand;
extern const Command kDoctorCommand;

/// All of them, in the order of --help.
std::span<const Command* const> commands();

}  // namespace csp::cli
