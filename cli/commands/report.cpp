// csp-race report: kept records, in any format.

#include "command.h"
#include "commands/command_line.h"
#include "error.h"
#include "explain/build_report.h"
#include "records/reader.h"

namespace csp::cli {

namespace {

int run(const std::vector<std::string>& words) {
  std::string file;
  std::string format_name = "text";
  std::string output = "-";
  RenderOptions options;
  std::string color = "never";
  CLI::App app(
      "Shows the records that `csp-race run --keep FILE` wrote.\n\n"
      "  csp-race report run.jsonl --format sarif --output run.sarif",
      "csp-race report");
  set_usage(app, "csp-race report FILE --format FORMAT");
  app.add_option("FILE", file, "the records")->required();
  std::vector<std::string> names;
  for (const Format& format : formats()) names.emplace_back(format.name);
  app.add_option("--format", format_name, "text, json, sarif, html, junit, tsan or go")
      ->check(CLI::IsMember(names))
      ->option_text("FORMAT");
  app.add_option("-o,--output", output, "where to; - is stdout")->option_text("FILE|-");
  app.add_option("--color", color, "always or never")->check(CLI::IsMember({"always", "never"}))->option_text("WHEN");
  app.add_flag("--full", options.full, "show all frames of every stack");
  app.add_option("--max-print", options.max_print, "findings printed before the rest is counted (10)")
      ->option_text("N");
  if (!parse(app, words)) return kExitSuccess;
  options.color = color == "always";
  const Report report = build_report(read_record_file(file));
  write_report(report, *find_format(format_name), options, output);
  return report.problems() > 0 ? kExitFindings : kExitSuccess;
}

}  // namespace

const Command kReportCommand = {"report", "kept records as text, json, sarif, html, junit, tsan, go", run};

}  // namespace csp::cli
