#pragma once

#include "check.h"

namespace csp::lint {

/// csp-send-on-closed: a send on a channel that is closed (send_on_closed.md).
class SendOnClosedCheck : public Check {
 public:
  std::string_view name() const override { return "csp-send-on-closed"; }
  std::string_view summary() const override { return "a send on a channel that is closed"; }
  std::vector<Finding> run(Program& program) const override;
};

}  // namespace csp::lint
