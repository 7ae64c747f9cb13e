#pragma once
// A record file -> a report: names looked up, words chosen, repetitions merged.

#include "model/report.h"
#include "records/record.h"

namespace csp::cli {

/// Opens the binaries and sources that the records name. Findings come in the order in which they were made.
Report build_report(const RecordFile& file);

}  // namespace csp::cli
