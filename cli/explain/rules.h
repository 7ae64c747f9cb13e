#pragma once
// The rules the detector reports, and what each is called.

#include <span>
#include <string_view>

#include "model/report.h"
#include "source/source.h"

namespace csp::cli {

struct Rule {
  std::string_view name;
  std::string_view noun;      // One of it, in a summary: "race".
  std::string_view sentence;  // What it is, for a reader who meets it the first time.
  void (*explain)(Finding&, SourceCache&);
};

std::span<const Rule> rules();

/// Null for a rule that is not in the table.
const Rule* find_rule(std::string_view name);

void explain_race(Finding& finding, SourceCache& sources);
void explain_leak(Finding& finding, SourceCache& sources);
void explain_deadlock(Finding& finding, SourceCache& sources);
void explain_lock_order(Finding& finding, SourceCache& sources);
void explain_misuse(Finding& finding, SourceCache& sources);

}  // namespace csp::cli
