#include "checks/double_close.h"

#include "checks/closed_use.h"

namespace csp::lint {

std::vector<Finding> DoubleCloseCheck::run(Program& program) const {
  std::vector<Finding> findings;
  for (const clang::FunctionDecl* function : program.functions()) {
    const FunctionFacts* facts = program.facts(function);
    if (facts == nullptr) continue;
    for (const ClosedUse& use : facts->closed_uses) {
      if (use.op == Op::kClose) findings.push_back(describe(use, name(), "close of", "closed"));
    }
  }
  return findings;
}

}  // namespace csp::lint
