#pragma once
// What stays the same when the same mistake is found again: in another run, on another machine, lines further down.

#include <string>

#include "model/report.h"

namespace csp::cli {

/// 16 hexadecimal digits.
std::string fingerprint(const Finding& finding);

}  // namespace csp::cli
