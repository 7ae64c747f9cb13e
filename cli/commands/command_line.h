#pragma once
// What the verbs share: parsing with CLI11, and where a report goes.

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "model/report.h"
#include "render/render.h"

namespace csp::cli {

/// The line after "Usage:", instead of the one that CLI11 makes up.
void set_usage(CLI::App& app, std::string usage);

/// Parses `words`. True to go on; false when help was asked for and has been printed. Throws Error for misuse.
bool parse(CLI::App& app, std::vector<std::string> words);

/// How many of `words` are options of `app` and their values: the index of the first that is neither. A "--" counts as
/// an option and ends them.
std::size_t count_options(const CLI::App& app, const std::vector<std::string>& words);

/// The destinations and the look of a report.
class Outputs {
 public:
  void add_options(CLI::App& app);

  /// Prints the text on stderr, then writes every file that was asked for. Throws Error after all
  /// have been tried when one could not be written.
  void deliver(const Report& report) const;

  /// Whether stderr gets colours.
  bool color() const;
  bool quiet() const { return quiet_; }
  RenderOptions render_options() const;

 private:
  struct File {
    const char* format;
    std::string path;  // Empty: not asked for. "-": stdout.
  };
  File files_[4] = {{"json", ""}, {"sarif", ""}, {"junit", ""}, {"html", ""}};
  std::string color_ = "auto";
  bool quiet_ = false;
  bool full_ = false;
  std::size_t max_print_ = 10;
};

/// Writes `report` to `path`, or stdout for "-". Throws Error.
void write_report(const Report& report, const Format& format, const RenderOptions& options, const std::string& path);

}  // namespace csp::cli
