#include "check.h"
#include "checks/double_close.h"
#include "checks/receiver_close.h"
#include "checks/send_on_closed.h"

namespace csp::lint {

const std::vector<std::unique_ptr<Check>>& all_checks() {
  static const std::vector<std::unique_ptr<Check>> checks = [] {
    std::vector<std::unique_ptr<Check>> list;
    list.push_back(std::make_unique<SendOnClosedCheck>());
    list.push_back(std::make_unique<DoubleCloseCheck>());
    list.push_back(std::make_unique<ReceiverCloseCheck>());
    return list;
  }();
  return checks;
}

}  // namespace csp::lint
