#pragma once

#include "check.h"

namespace csp::lint {

/// csp-receiver-close: a channel closed by the goroutine that receives from it, while another one sends
/// (receiver_close.md).
class ReceiverCloseCheck : public Check {
 public:
  std::string_view name() const override { return "csp-receiver-close"; }
  std::string_view summary() const override {
    return "a channel closed by the goroutine that receives from it, while another one sends";
  }
  std::vector<Finding> run(Program& program) const override;
};

}  // namespace csp::lint
