#pragma once
// From facts to words: the message, the notes, why it is a mistake, and what to do about it.
//
// To give a rule a voice: write a function like those of race.cpp, declare it in rules.h, and name it in the
// table of rules.cpp. A rule that is not in the table is still reported, with what it carries.

#include "model/report.h"
#include "source/source.h"

namespace csp::cli {

/// Fills in `finding`'s message, place, caption, notes, why, help and fingerprint from its facts.
void explain(Finding& finding, SourceCache& sources);

}  // namespace csp::cli
