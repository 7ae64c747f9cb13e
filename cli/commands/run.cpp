// csp-race run: a program under the detector.

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <iostream>
#include <optional>

#include "command.h"
#include "commands/command_line.h"
#include "error.h"
#include "explain/build_report.h"
#include "process/child.h"
#include "process/temp_dir.h"
#include "records/reader.h"
#include "toolchain/toolchain.h"

namespace csp::cli {

namespace fs = std::filesystem;

namespace {

// How long processes that the program left behind are waited for.
constexpr std::chrono::milliseconds kPatience{1000};

bool is_source(const std::string& word) {
  const std::string suffix = fs::path(word).extension().string();
  return suffix == ".cpp" || suffix == ".cc" || suffix == ".cxx" || suffix == ".C";
}

// Compiles `source` and returns the program. The compiler speaks for itself when it fails.
fs::path compile(const std::string& source, const fs::path& directory) {
  if (!fs::exists(source)) throw Error(source + ": not found", "check the path", kExitNotFound);
  const fs::path program = directory / fs::path(source).stem();
  const Ended ended = run_child(compiler_call(find_toolchain(), {"-O1", "-g", source, "-o", program.string()}));
  if (ended.signal)
    throw Error(fmt::format("the compiler was ended by {}", strsignal(*ended.signal)), "", ended.status());
  if (*ended.exit != 0) throw Error(source + " was not compiled: see the compiler's messages above");
  return program;
}

// An empty file that the program will append to; absolute, since the program may change its directory.
fs::path make_record_file(const std::string& keep, const fs::path& directory) {
  const fs::path path = keep.empty() ? directory / "records.jsonl" : fs::absolute(keep);
  const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0) {
    throw Error(fmt::format("cannot create the record file {}: {}", path.string(), std::strerror(errno)),
                "give --keep a file, or set TMPDIR to a directory, that you may write to");
  }
  close(fd);
  return path;
}

RecordFile read_own_records(const fs::path& path) {
  // Unlike a file that a user names, this one may rightly be empty.
  std::error_code error;
  return fs::file_size(path, error) > 0 && !error ? read_record_file(path) : RecordFile{};
}

struct Options {
  Outputs outputs;
  int exit_code = kExitFindings;
  std::string leaks = "proven";
  std::string keep;
};

int run_program(std::vector<std::string> argv, const Options& options) {
  const TempDir temp;
  const std::string named = argv[0];
  if (is_source(named)) argv[0] = compile(named, temp.path()).string();
  const fs::path records = make_record_file(options.keep, temp.path());
  const Ended ended =
      run_child(argv, {{"CSP_RACE_RECORD", records.string()}, {"CSP_RACE_LEAKS", options.leaks}}, kPatience);

  const RecordFile file = read_own_records(records);
  if (file.processes.empty()) {
    const Error error(
        named + " was not built for csp-race: nothing was checked",
        fmt::format(
            "rebuild it with `csp-race c++`, or in CMake with csp_race_instrument(TARGET); see `csp-race doctor {}`",
            named),
        ended.signal ? ended.status() : kExitFailure);
    throw error;
  }
  Report report = build_report(file);
  argv[0] = named;
  report.run.argv = argv;
  report.run.exit = ended.exit;
  report.run.signal = ended.signal;
  report.run.wall_ms = ended.wall.count();
  if (ended.left_running) {
    report.not_checked.remarks.push_back(
        "processes that the program started and that still run: their later findings are not here");
  }
  options.outputs.deliver(report);
  if (ended.signal || report.problems() == 0 || options.exit_code == 0) return ended.status();
  return options.exit_code;
}

int run(const std::vector<std::string>& words) {
  Options options;
  CLI::App app(
      "Runs a program that was built for csp-race, and reports what it finds.\n"
      "A .cpp file is compiled first.\n\n"
      "  csp-race ./server --port 8080        run is implied\n"
      "  csp-race run counter.cpp             compile and run\n"
      "  csp-race run --json - ./app | jq .   the report for a program",
      "csp-race run");
  set_usage(app, "csp-race run [options] [--] PROGRAM|FILE.cpp [args...]");
  options.outputs.add_options(app);
  app.add_option("--exit-code", options.exit_code, "status when something is found (66); 0: the program's")
      ->check(CLI::Range(0, 255))
      ->option_text("N");
  app.add_option("--leaks", options.leaks, "proven, all that outlive main, or off")
      ->check(CLI::IsMember({"proven", "all", "off"}))
      ->option_text("WHICH");
  app.add_option("--keep", options.keep, "keep the records, for `csp-race report FILE`")->option_text("FILE");

  const std::size_t options_end = count_options(app, words);
  std::vector<std::string> ours(words.begin(), words.begin() + static_cast<std::ptrdiff_t>(options_end));
  if (!ours.empty() && ours.back() == "--") ours.pop_back();
  if (!parse(app, std::move(ours))) return kExitSuccess;
  std::vector<std::string> argv(words.begin() + static_cast<std::ptrdiff_t>(options_end), words.end());
  if (argv.empty()) throw Error("no program to run", "csp-race ./myapp args...");
  return run_program(std::move(argv), options);
}

}  // namespace

const Command kRunCommand = {"run", "run a program, or a source file, and report what is found", run};

}  // namespace csp::cli
