#pragma once

#include "check.h"

namespace csp::lint {

/// csp-double-close: a close of a channel that is closed already (double_close.md).
class DoubleCloseCheck : public Check {
 public:
  std::string_view name() const override { return "csp-double-close"; }
  std::string_view summary() const override { return "a close of a channel that is closed already"; }
  std::vector<Finding> run(Program& program) const override;
};

}  // namespace csp::lint
