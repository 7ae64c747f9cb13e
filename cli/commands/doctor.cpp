// csp-race doctor: is this machine, and this binary, fit for it; and what to do if not.

#include <fmt/format.h>
#include <llvm/Object/ELFObjectFile.h>
#include <llvm/Object/ObjectFile.h>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <set>

#include "command.h"
#include "commands/command_line.h"
#include "error.h"
#include "process/child.h"
#include "process/temp_dir.h"
#include "records/reader.h"
#include "symbolize/symbolizer.h"
#include "toolchain/toolchain.h"
#include "version.h"

namespace csp::cli {

namespace fs = std::filesystem;

namespace {

class Examination {
 public:
  void good(const std::string& fact) { fmt::print("  ok       {}\n", fact); }
  void bad(const std::string& fact, const std::string& remedy) {
    fmt::print("  problem  {}\n           {}\n", fact, remedy);
    ++problems_;
  }
  void check(bool is_good, const std::string& fact, const std::string& otherwise, const std::string& remedy) {
    is_good ? good(fact) : bad(otherwise, remedy);
  }
  int problems() const { return problems_; }

 private:
  int problems_ = 0;
};

void examine_libraries(const Toolchain& toolchain, Examination& examination) {
  std::string missing;
  for (const fs::path& library : toolchain.libraries) {
    if (library.is_absolute() && !fs::exists(library)) missing += " " + library.string();
  }
  examination.check(missing.empty(),
                    fmt::format("libraries, listed in {}", (toolchain.directory / "toolchain.json").string()),
                    "missing libraries:" + missing, "build them: cmake --build BUILD, or install csp-race as a whole");
}

// The whole way once: compile, link, run, read the records, find a line.
void examine_by_trial(const Toolchain& toolchain, Examination& examination) {
  const TempDir temp;
  const fs::path source = temp.path() / "trial.cpp";
  const fs::path program = temp.path() / "trial";
  const fs::path records = temp.path() / "records.jsonl";
  std::ofstream(source) << "int value;\nint main() { value = 1; return value - 1; }\n";
  try {
    Ended ended;
    std::vector<std::string> question = {toolchain.compiler, "--version"};
    const std::string answer = capture_child(question, ended);
    examination.check(
        ended.status() == 0, fmt::format("compiler {}: {}", toolchain.compiler, answer.substr(0, answer.find('\n'))),
        toolchain.compiler + " does not answer --version", "set CSP_RACE_CXX to clang++-19, or to a g++ from 12 on");
    ended = run_child(compiler_call(toolchain, {"-O1", source.string(), "-o", program.string()}));
    if (ended.status() != 0) {
      examination.bad("a trial program does not compile and link", "see the compiler's messages above");
      return;
    }
    examination.good("a trial program compiles and links");
    ended = run_child({program.string()}, {{"CSP_RACE_RECORD", records.string()}});
    const bool recorded = fs::exists(records) && !read_record_file(records).processes.empty();
    examination.check(
        ended.status() == 0 && recorded, "it runs, and writes records",
        fmt::format("it ends with status {} and {} records", ended.status(), recorded ? "writes" : "writes no"),
        "run it by hand: csp-race c++ x.cpp -o x && ./x");
  } catch (const Error& error) {
    examination.bad(error.what(), error.help());
  }
}

// What the symbol table and the sections of a program tell.
struct Anatomy {
  std::set<std::string> symbols;
  std::set<std::string> sections;
};

Anatomy dissect(const std::string& program) {
  Anatomy result;
  llvm::Expected<llvm::object::OwningBinary<llvm::object::ObjectFile>> file =
      llvm::object::ObjectFile::createObjectFile(program);
  if (!file)
    throw Error(fmt::format("{}: {}", program, llvm::toString(file.takeError())), "name a program, not a script");
  const auto add = [](std::set<std::string>& names, llvm::Expected<llvm::StringRef> name) {
    if (name) {
      names.insert(name->str());
    } else {
      llvm::consumeError(name.takeError());  // A nameless symbol answers no question of ours.
    }
  };
  const llvm::object::ObjectFile& object = *file->getBinary();
  for (const llvm::object::SymbolRef& symbol : object.symbols()) add(result.symbols, symbol.getName());
  for (const llvm::object::SectionRef& section : object.sections()) add(result.sections, section.getName());
  if (const auto* elf = llvm::dyn_cast<llvm::object::ELFObjectFileBase>(&object)) {
    for (const llvm::object::SymbolRef& symbol : elf->getDynamicSymbolIterators())
      add(result.symbols, symbol.getName());
  }
  return result;
}

bool any_starts_with(const std::set<std::string>& names, const std::string& prefix) {
  const auto first = names.lower_bound(prefix);
  return first != names.end() && first->starts_with(prefix);
}

void examine_program(const std::string& program, Examination& examination) {
  const Anatomy anatomy = dissect(program);
  const bool stripped = !anatomy.sections.contains(".symtab");
  if (stripped) {
    examination.bad(program + " is stripped: names are lost", "link it without -s, and do not strip it");
    return;
  }
  const bool ours = any_starts_with(anatomy.symbols, "_ZN3csp6report");
  const bool instrumented = any_starts_with(anatomy.symbols, "__tsan_");
  const bool theirs = any_starts_with(anatomy.symbols, "_ZN6__tsan");
  examination.check(!theirs, "it does not carry the compiler's own detector",
                    "it is linked with the compiler's ThreadSanitizer",
                    "link it with `csp-race c++`, or with csp::race and without -fsanitize=thread");
  examination.check(ours, "it is linked with csp-race", "it is not linked with csp-race",
                    "link it with `csp-race c++`, or in CMake with csp_race_instrument(TARGET)");
  examination.check(instrumented, "its memory accesses are checked", "none of its memory accesses are checked",
                    "compile it with `csp-race c++`, or with -fsanitize=thread");
  examination.check(anatomy.sections.contains(".debug_info") || anatomy.sections.contains(".gnu_debuglink"),
                    "it has debug information", "it has no debug information: reports will have no lines",
                    "compile it with -g");
}

int run(const std::vector<std::string>& words) {
  std::string program;
  CLI::App app("Tells whether this machine, and a program, are fit for csp-race.", "csp-race doctor");
  set_usage(app, "csp-race doctor [PROGRAM]");
  app.add_option("PROGRAM", program, "a program to look at");
  if (!parse(app, words)) return kExitSuccess;
  Examination examination;
  fmt::print("csp-race {}\n", kVersion);
  try {
    const Toolchain toolchain = find_toolchain();
    examine_libraries(toolchain, examination);
    std::fflush(stdout);
    examine_by_trial(toolchain, examination);
    examination.check(fs::exists(own_directory() / "csp-race-vet"), "csp-race vet is here", "csp-race vet is not here",
                      "build with -DCSP_RACE_BUILD_CLANG_PLUGIN=ON, which needs libclang-19-dev");
  } catch (const Error& error) {
    examination.bad(error.what(), error.help());
  }
  if (!program.empty()) {
    fmt::print("{}\n", program);
    if (!fs::exists(program)) throw Error(program + ": not found", "check the path", kExitNotFound);
    examine_program(program, examination);
  }
  return examination.problems() == 0 ? kExitSuccess : kExitFailure;
}

}  // namespace

const Command kDoctorCommand = {"doctor", "is this machine, and a program, fit for it", run};

}  // namespace csp::cli
