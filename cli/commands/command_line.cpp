#include "commands/command_line.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iostream>
#include <sstream>

#include "error.h"

namespace csp::cli {

namespace {

constexpr std::size_t kHelpColumn = 24;

// What it inherits is in order; the usage line is ours.
class HelpFormatter : public CLI::Formatter {
 public:
  explicit HelpFormatter(std::string usage) : usage_(std::move(usage)) { column_width(kHelpColumn); }
  std::string make_usage(const CLI::App*, std::string) const override { return "Usage: " + usage_ + "\n"; }

 private:
  std::string usage_;
};

}  // namespace

void set_usage(CLI::App& app, std::string usage) { app.formatter(std::make_shared<HelpFormatter>(std::move(usage))); }

bool parse(CLI::App& app, std::vector<std::string> words) {
  std::reverse(words.begin(), words.end());  // CLI11 takes them from the back.
  try {
    app.parse(words);
    return true;
  } catch (const CLI::Success& asked) {
    app.exit(asked);  // Prints the help.
    return false;
  } catch (const CLI::ParseError& error) {
    throw Error(error.what(), app.get_name() + " --help");
  }
}

std::size_t count_options(const CLI::App& app, const std::vector<std::string>& words) {
  std::size_t i = 0;
  while (i < words.size()) {
    const std::string& word = words[i];
    if (word == "--") return i + 1;
    if (word.size() < 2 || word[0] != '-') return i;
    const std::size_t equals = word.find('=');
    const CLI::Option* option = app.get_option_no_throw(word.substr(0, equals));
    const bool value_follows = option != nullptr && option->get_items_expected_max() > 0 && equals == std::string::npos;
    i += value_follows ? 2 : 1;
  }
  return words.size();
}

void Outputs::add_options(CLI::App& app) {
  for (File& file : files_) {
    app.add_option(fmt::format("--{}", file.format), file.path,
                   fmt::format("write the report as {}; - is stdout", file.format))
        ->option_text("FILE|-");
  }
  app.add_option("--color", color_, "auto, always or never")
      ->check(CLI::IsMember({"auto", "always", "never"}))
      ->option_text("WHEN");
  app.add_flag("-q,--quiet", quiet_, "say nothing when nothing is wrong; no notes");
  app.add_flag("--full", full_, "show all frames of every stack");
  app.add_option("--max-print", max_print_, "findings printed before the rest is counted (10)")->option_text("N");
}

bool Outputs::color() const {
  if (color_ != "auto") return color_ == "always";
  const auto set = [](const char* name) {
    const char* value = std::getenv(name);
    return value != nullptr && *value != '\0' ? std::string_view(value) : std::string_view();
  };
  if (!set("NO_COLOR").empty() || set("TERM") == "dumb") return false;
  if (!set("CLICOLOR_FORCE").empty() && set("CLICOLOR_FORCE") != "0") return true;
  return isatty(STDERR_FILENO) == 1;
}

RenderOptions Outputs::render_options() const { return {color(), full_, max_print_, quiet_}; }

void Outputs::deliver(const Report& report) const {
  // One write, so that a program that still runs cannot put its output in between.
  std::ostringstream text;
  render_text(report, render_options(), text);
  std::cerr << text.str() << std::flush;
  std::optional<Error> failure;
  for (const File& file : files_) {
    if (file.path.empty()) continue;
    try {
      write_report(report, *find_format(file.format), render_options(), file.path);
    } catch (const Error& error) {
      if (!failure) failure = error;
    }
  }
  if (failure) throw *failure;
}

void write_report(const Report& report, const Format& format, const RenderOptions& options, const std::string& path) {
  const bool to_stdout = path == "-";
  errno = 0;
  std::ofstream file;
  if (!to_stdout) file.open(path, std::ios::binary | std::ios::trunc);
  std::ostream& out = to_stdout ? std::cout : file;
  if (out) format.render(report, options, out);
  out.flush();
  if (!out) {
    const int error = errno;
    throw Error(fmt::format("cannot write the {} report to {}: {}", format.name, to_stdout ? "stdout" : path,
                            error != 0 ? std::strerror(error) : "write error"),
                "give a file in a directory with room that you may write to");
  }
}

}  // namespace csp::cli
