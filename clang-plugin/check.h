/// A check: a name, a sentence, and what it says of a translation unit.
///
/// Checks do no analysis of their own: the engine has followed every function once (engine/program.h), a
/// check turns facts into findings. To add one: clang-plugin/README.md.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "engine/program.h"
#include "finding.h"

namespace csp::lint {

class Check {
 public:
  virtual ~Check() = default;

  /// The rule, as it is printed, suppressed and disabled: "csp-double-close".
  virtual std::string_view name() const = 0;
  virtual std::string_view summary() const = 0;
  virtual std::vector<Finding> run(Program& program) const = 0;
};

/// All checks, in the order in which they run. The list is in registry.cpp.
const std::vector<std::unique_ptr<Check>>& all_checks();

}  // namespace csp::lint
