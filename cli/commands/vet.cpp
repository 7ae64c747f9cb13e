// csp-race vet: the Clang checks. csp-race-vet, beside us, finds; we render as for any finding.

#include <algorithm>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>

#include "command.h"
#include "commands/command_line.h"
#include "error.h"
#include "explain/fingerprint.h"
#include "process/child.h"
#include "toolchain/toolchain.h"

namespace csp::cli {

namespace fs = std::filesystem;

namespace {

Place place_of(const nlohmann::json& item, const fs::path& cwd) {
  Place place;
  place.file = item.value("file", "");
  if (!place.file.empty()) place.path = (cwd / place.file).lexically_normal().string();
  place.line = item.value("line", 0u);
  place.column = item.value("column", 0u);
  return place;
}

// One finding a line. A line that is none means that the two programs do not fit together.
std::vector<Finding> read_findings(const std::string& lines, const fs::path& cwd) {
  std::vector<Finding> findings;
  std::istringstream in(lines);
  for (std::string line; std::getline(in, line);) {
    if (line.empty()) continue;
    const nlohmann::json item = nlohmann::json::parse(line, nullptr, /*allow_exceptions=*/false);
    if (!item.is_object())
      throw Error("csp-race-vet answered with something else than findings: " + line, "install csp-race as a whole");
    Finding finding;
    finding.rule = item.value("rule", "");
    finding.level = item.value("level", "warning");
    finding.message = item.value("message", "");
    finding.place = place_of(item, cwd);
    for (const auto& note : item.value("notes", nlohmann::json::array())) {
      finding.notes.push_back({note.value("message", ""), place_of(note, cwd), ""});
    }
    findings.push_back(std::move(finding));
  }
  return findings;
}

// csp-race-vet may have made the paths absolute; a path that the user gave is printed as given.
void name_as_given(Report& report, const std::vector<std::string>& files) {
  std::map<std::string, std::string> given;
  for (const std::string& file : files) given[fs::absolute(file).lexically_normal().string()] = file;
  const auto rename = [&](Place& place) {
    if (const auto found = given.find(place.path); found != given.end()) place.file = found->second;
  };
  for (Finding& finding : report.findings) {
    rename(finding.place);
    for (Note& note : finding.notes) rename(note.place);
    finding.fingerprint = fingerprint(finding);
  }
}

int run(const std::vector<std::string>& words) {
  const auto dashes = std::find(words.begin(), words.end(), "--");
  Outputs outputs;
  std::string build;
  std::vector<std::string> files;
  CLI::App app(
      "Checks sources for mistakes with channels and goroutines, without running them.\n\n"
      "  csp-race vet -p build src/*.cpp           flags of build/compile_commands.json\n"
      "  csp-race vet main.cpp -- -std=c++20 -Iinc flags given",
      "csp-race vet");
  set_usage(app, "csp-race vet [options] [-p BUILD] FILE... [-- FLAGS...]");
  app.add_option("FILE", files, "sources to check")->required();
  app.add_option("-p", build, "directory of compile_commands.json")->option_text("BUILD");
  outputs.add_options(app);
  if (!parse(app, {words.begin(), dashes})) return kExitSuccess;

  std::vector<std::string> argv = {(own_directory() / "csp-race-vet").string(), "--json-lines"};
  if (!fs::exists(argv[0])) {
    throw Error("this csp-race was built without its Clang checks: " + argv[0] + " does not exist",
                "build it with -DCSP_RACE_BUILD_CLANG_PLUGIN=ON, which needs libclang-19-dev");
  }
  if (!build.empty()) argv.insert(argv.end(), {"-p", build});
  argv.insert(argv.end(), files.begin(), files.end());
  argv.insert(argv.end(), dashes, words.end());

  Ended ended;
  const std::string answer = capture_child(argv, ended);
  Report report;
  report.kind = Report::Kind::kVet;
  report.run.cwd = fs::current_path().string();
  report.run.argv = words;
  report.findings = read_findings(answer, report.run.cwd);
  name_as_given(report, files);
  const bool failed = ended.status() != 0;
  if (failed && report.findings.empty()) throw Error("the sources could not be checked: see the messages above");
  if (failed) report.not_checked.remarks.push_back("sources that could not be processed: see the messages above");
  outputs.deliver(report);
  if (failed) return kExitFailure;
  return report.problems() > 0 ? kExitFindings : kExitSuccess;
}

}  // namespace

const Command kVetCommand = {"vet", "the Clang checks, without running anything", run};

}  // namespace csp::cli
