#include "checks/send_on_closed.h"

#include "checks/closed_use.h"

namespace csp::lint {

std::vector<Finding> SendOnClosedCheck::run(Program& program) const {
  std::vector<Finding> findings;
  for (const clang::FunctionDecl* function : program.functions()) {
    const FunctionFacts* facts = program.facts(function);
    if (facts == nullptr) continue;
    for (const ClosedUse& use : facts->closed_uses) {
      if (use.op != Op::kClose) findings.push_back(describe(use, name(), "send on", "sent"));
    }
  }
  return findings;
}

}  // namespace csp::lint
