#pragma once

#include <stdexcept>

namespace csp {

/// What the runtime throws when a program breaks a rule, and what panic() throws.
class PanicError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
  ~PanicError() override;
};

/// Throws PanicError(message). Uncaught it ends the process with status 2.
[[noreturn]] void panic(const char* message);

}  // namespace csp
