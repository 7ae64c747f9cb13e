#pragma once
// Lines of source files, and how much of a line a column means.

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/report.h"

namespace csp::cli {

/// Part of a line, in bytes from 0.
struct Extent {
  std::size_t begin = 0;
  std::size_t size = 0;
};

/// The expression that `column` (from 1) points into: compilers point at the operator of `++n`, `m[k] = v`
/// and `a.b += 1`, and at the name in `return n`. Covers at least one byte; nullopt when the column is not in the line.
std::optional<Extent> expression_at(std::string_view line, unsigned column);

/// The last name in the operand that is accessed at `column`: "hits" for `++stats.hits`, "count" for `count[word] +=
/// 1`.
/// "" when the text does not tell.
std::string accessed_name(std::string_view line, unsigned column);

/// What a call at `column` is made on: "jobs" for `jobs.recv()`, "mu" for `std::lock_guard guard(mu)`, whichever part
/// of the call the column points at. "" when the text does not tell.
std::string receiver_name(std::string_view line, unsigned column);

/// Whether `name` stands in `line` as a whole word.
bool mentions_name(std::string_view line, std::string_view name);

/// Reads each file once. Not thread-safe.
class SourceCache {
 public:
  /// Line `place.line`, without its end; nullopt when the file or the line is not there.
  std::optional<std::string> line(const Place& place);

 private:
  std::map<std::string, std::vector<std::string>> files_;
};

}  // namespace csp::cli
