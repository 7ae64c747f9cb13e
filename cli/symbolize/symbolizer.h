#pragma once
// Addresses of a process that has ended -> functions, files, lines, variables. Reads the binaries the
// process had loaded, so they must not have changed since.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "model/report.h"
#include "records/record.h"

namespace csp::cli {

/// A variable with static storage.
struct Variable {
  std::string name;
  std::uint64_t size = 0;  // In bytes.
  Place declared;          // Unknown when the binary has no debug information.
};

/// Not thread-safe. Keeps every binary it has opened.
class Symbolizer {
 public:
  Symbolizer();
  ~Symbolizer();
  Symbolizer(const Symbolizer&) = delete;
  Symbolizer& operator=(const Symbolizer&) = delete;

  /// The frames of a stack of return addresses, each looked up minus one and opened into the functions inlined there.
  Stack stack(const ProcessRecord& process, const Pcs& return_addresses);

  std::optional<Variable> variable(const ProcessRecord& process, std::uint64_t address);

 private:
  struct Binaries;
  std::unique_ptr<Binaries> binaries_;
};

}  // namespace csp::cli
