// csp-race: picks the verb, and turns errors into text and an exit code.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <exception>
#include <string>
#include <vector>

#include "command.h"
#include "error.h"
#include "version.h"

namespace csp::cli {

std::span<const Command* const> commands() {
  static constexpr std::array<const Command*, 5> kCommands = {&kRunCommand, &kCxxCommand, &kVetCommand, &kReportCommand,
                                                              &kDoctorCommand};
  return kCommands;
}

namespace {

void print_help() {
  fmt::print(
      "csp-race finds data races, leaked goroutines and deadlocks in C++ programs.\n\n"
      "  csp-race run counter.cpp             compile a file, run it, report\n"
      "  csp-race c++ -O1 a.cpp b.cpp -o app  build a program by hand\n"
      "  csp-race ./app args...               run it, report\n"
      "  csp-race vet main.cpp -- -std=c++20  check without running\n\n"
      "Commands (`csp-race COMMAND --help` has their options):\n");
  for (const Command* command : commands()) fmt::print("  {:8} {}\n", command->name, command->summary);
  fmt::print(
      "\nExit status: the program's own; 66 something was found; 125 csp-race failed or\n"
      "was misused; 126 cannot execute; 127 not found; 128+N it died of signal N.\n");
}

int dispatch(std::vector<std::string> words) {
  if (words.empty()) throw Error("nothing to do", "csp-race --help");
  if (words[0] == "--help" || words[0] == "-h" || words[0] == "help") {
    print_help();
    return kExitSuccess;
  }
  if (words[0] == "--version") {
    fmt::print("csp-race {}\n", kVersion);
    return kExitSuccess;
  }
  for (const Command* command : commands()) {
    if (words[0] == command->name) return command->run({words.begin() + 1, words.end()});
  }
  return kRunCommand.run(words);  // `run` is implied.
}

int guarded(std::vector<std::string> words) {
  try {
    return dispatch(std::move(words));
  } catch (const Error& error) {
    fmt::print(stderr, "csp-race: error: {}\n", error.what());
    if (!error.help().empty()) fmt::print(stderr, "csp-race: help: {}\n", error.help());
    return error.code();
  } catch (const std::exception& error) {
    fmt::print(stderr, "csp-race: error: {}\n", error.what());
    return kExitFailure;
  }
}

}  // namespace

}  // namespace csp::cli

int main(int argc, char** argv) {
  const int status = csp::cli::guarded({argv + 1, argv + argc});
  // A report that went to a closed or full stdout was not delivered.
  if (std::fflush(stdout) != 0) {
    std::fprintf(stderr, "csp-race: error: cannot write to stdout\n");
    return csp::cli::kExitFailure;
  }
  return status;
}
