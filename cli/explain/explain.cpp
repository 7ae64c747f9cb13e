#include "explain/explain.h"

#include "explain/fingerprint.h"
#include "explain/rules.h"

namespace csp::cli {

void explain(Finding& finding, SourceCache& sources) {
  const Rule* rule = find_rule(finding.rule);
  (rule != nullptr ? rule->explain : explain_misuse)(finding, sources);
  finding.fingerprint = fingerprint(finding);
}

}  // namespace csp::cli
