#pragma once
// The one exception of the tool: something went wrong that the user must hear of.

#include <stdexcept>
#include <string>
#include <utility>

#include "exit_code.h"

namespace csp::cli {

/// `what()` is the cause, `help` the next step (may be empty), `code` the exit status.
class Error : public std::runtime_error {
 public:
  explicit Error(const std::string& cause, std::string help = "", int code = kExitFailure)
      : std::runtime_error(cause), help_(std::move(help)), code_(code) {}
  const std::string& help() const { return help_; }
  int code() const { return code_; }

 private:
  std::string help_;
  int code_;
};

}  // namespace csp::cli
