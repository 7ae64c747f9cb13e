/// csp-race-vet: the checks over files, without compiling them. `csp-race vet` runs it and renders what it finds.
///
///   csp-race-vet [--json-lines] [-p BUILD-DIR] FILE... [-- FLAGS...]
///
/// Exit status: 0 the files were read, whatever was found; 1 a file could not be processed (said on stderr).
#include <cstdio>
#include <filesystem>
#include <optional>

#include "analysis.h"
#include "clang/Frontend/CompilerInstance.h"
#include "clang/Frontend/FrontendAction.h"
#include "clang/Frontend/TextDiagnosticPrinter.h"
#include "clang/Tooling/ArgumentsAdjusters.h"
#include "clang/Tooling/CompilationDatabase.h"
#include "clang/Tooling/Tooling.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"

namespace csp::lint {
namespace {

using namespace clang;
using clang::tooling::CommandLineArguments;

enum class Output { kText, kJsonLines };

struct Arguments {
  Output output = Output::kText;
  std::optional<std::string> build_dir;
  std::vector<std::string> files;
  std::optional<std::vector<std::string>> flags;
};

constexpr char kUsage[] = "usage: csp-race-vet [--json-lines] [-p BUILD-DIR] FILE... [-- FLAGS...]\n";

std::optional<Arguments> parse(llvm::ArrayRef<const char*> words) {
  Arguments arguments;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const StringRef word = words[i];
    if (word == "--") {
      arguments.flags.emplace(words.begin() + i + 1, words.end());
      break;
    }
    if (word == "--json-lines") {
      arguments.output = Output::kJsonLines;
    } else if (word == "-p" && i + 1 < words.size()) {
      arguments.build_dir = words[++i];
    } else if (word.starts_with("-p") && word.size() > 2 && !word.starts_with("--")) {
      arguments.build_dir = word.drop_front(2).str();
    } else if (word.starts_with("-")) {
      llvm::errs() << "csp-race-vet: unknown option '" << word << "'\n" << kUsage;
      return std::nullopt;
    } else {
      arguments.files.push_back(word.str());
    }
  }
  if (arguments.files.empty()) {
    llvm::errs() << "csp-race-vet: no file given\n" << kUsage;
    return std::nullopt;
  }
  return arguments;
}

/// What GCC writes into a compilation database and Clang does not know. (-W is no problem: see below.)
bool is_gcc_only(StringRef flag) {
  static const llvm::StringSet<> exact{"-fanalyzer",
                                       "-fno-semantic-interposition-none",
                                       "-fmodules-ts",
                                       "-fcoroutines",
                                       "-fconcepts",
                                       "-fimplicit-constexpr",
                                       "-freport-bug",
                                       "-fno-canonical-system-headers",
                                       "-fno-var-tracking-assignments",
                                       "-fvar-tracking-assignments",
                                       "-fira-loop-pressure",
                                       "-mno-fp-ret-in-387",
                                       "-fconserve-stack",
                                       "-fno-ipa-cp-clone",
                                       "-fno-ipa-sra",
                                       "-fno-tree-loop-im",
                                       "-fipa-pta",
                                       "-fdevirtualize-at-ltrans"};
  static constexpr StringRef prefixes[] = {"-fconcepts-diagnostics-depth",
                                           "-fdiagnostics-path-format",
                                           "-fdiagnostics-urls",
                                           "-fmodule-mapper",
                                           "-fdeps-",
                                           "-fmax-errors",
                                           "-fanalyzer-",
                                           "-fvar-tracking",
                                           "-fdump-",
                                           "-flto-partition",
                                           "-flto-compression-level",
                                           "-fcompare-debug",
                                           "-ftrivial-auto-var-init-max",
                                           "-fno-gcse",
                                           "-fira-",
                                           "-fsched-"};
  return exact.contains(flag) || std::any_of(std::begin(prefixes), std::end(prefixes),
                                             [&](StringRef prefix) { return flag.starts_with(prefix); });
}

/// Leaves what matters for reading the source: no GCC-only flags, no plugins (ours would report twice), no PCH.
CommandLineArguments adjust(const CommandLineArguments& command, StringRef) {
  CommandLineArguments adjusted;
  for (const std::string& flag : command) {
    const StringRef text = flag;
    if (is_gcc_only(text) || text.starts_with("-fplugin") || text == "-Werror" || text.starts_with("-Werror="))
      continue;
    adjusted.push_back(flag);
  }
  // Before "--", if there is one: what follows is the file.
  const auto end = std::find(adjusted.begin(), adjusted.end(), "--");
  // The compiler's own warnings are the build's business; unknown ones must not stop us.
  adjusted.insert(end, {"-w", "-Wno-unknown-warning-option", "-Qunused-arguments", "-fsyntax-only"});
  return adjusted;
}

/// The include directories of csp, from the description that the build wrote beside us; none without one.
/// Paths in it are absolute in a build tree, and relative to the prefix in an installed one.
std::vector<std::string> csp_include_dirs(const char* argv0) {
  std::error_code error;
  std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe", error);
  if (error) self = argv0;
  const std::filesystem::path prefix = self.parent_path().parent_path();
  const std::filesystem::path file = prefix / "lib" / "csp-race" / "toolchain.json";
  const auto buffer = llvm::MemoryBuffer::getFile(file.string());
  if (!buffer) return {};
  llvm::Expected<llvm::json::Value> parsed = llvm::json::parse((*buffer)->getBuffer());
  if (!parsed) {
    llvm::errs() << "csp-race-vet: " << file.string() << ": " << toString(parsed.takeError()) << "\n";
    return {};
  }
  const llvm::json::Object* root = parsed->getAsObject();
  const llvm::json::Array* listed = root != nullptr ? root->getArray("include_dirs") : nullptr;
  if (listed == nullptr) return {};
  std::vector<std::string> dirs;
  for (const llvm::json::Value& dir : *listed) {
    const auto text = dir.getAsString();
    if (text && !text->empty()) dirs.push_back((prefix / text->str()).lexically_normal().string());
  }
  return dirs;
}

llvm::json::Object place(const SourceManager& sources, SourceLocation where) {
  const PresumedLoc presumed = sources.getPresumedLoc(where);
  if (presumed.isInvalid()) return llvm::json::Object{{"file", ""}, {"line", 0}, {"column", 0}};
  return llvm::json::Object{{"file", llvm::json::fixUTF8(presumed.getFilename())},
                            {"line", presumed.getLine()},
                            {"column", presumed.getColumn()}};
}

void print_json_line(const SourceManager& sources, const Finding& finding) {
  llvm::json::Array notes;
  for (const Note& note : finding.notes) {
    llvm::json::Object object = place(sources, note.where);
    object["message"] = llvm::json::fixUTF8(note.message);
    notes.push_back(std::move(object));
  }
  llvm::json::Object object = place(sources, finding.where);
  object["rule"] = finding.rule;
  object["level"] = finding.level == Level::kError ? "error" : "warning";
  object["message"] = llvm::json::fixUTF8(finding.message);
  object["notes"] = std::move(notes);
  llvm::outs() << llvm::json::Value(std::move(object)) << "\n";
}

class Action : public ASTFrontendAction {
 public:
  explicit Action(Output output) : output_(output) {}

  std::unique_ptr<ASTConsumer> CreateASTConsumer(CompilerInstance& compiler, StringRef) override {
    DiagnosticsEngine& diagnostics = compiler.getDiagnostics();
    return std::make_unique<Consumer>(Options{},
                                      [this, &diagnostics](ASTContext& context, const std::vector<Finding>& findings) {
                                        if (output_ == Output::kText) {
                                          diagnostics.setIgnoreAllWarnings(false);  // -w was for the compiler's own.
                                          // An error of ours is a finding, not a failure to read the file:
                                          // DiagnosticsEngine would fail the run.
                                          print_text(context, findings);
                                          return;
                                        }
                                        for (const Finding& finding : findings)
                                          print_json_line(context.getSourceManager(), finding);
                                      });
  }

 private:
  static void print_text(const ASTContext& context, const std::vector<Finding>& findings) {
    TextDiagnosticPrinter printer(llvm::outs(), new DiagnosticOptions(context.getDiagnostics().getDiagnosticOptions()));
    DiagnosticsEngine engine(new DiagnosticIDs, new DiagnosticOptions, &printer, false);
    engine.setSourceManager(const_cast<SourceManager*>(&context.getSourceManager()));
    printer.BeginSourceFile(context.getLangOpts(), nullptr);
    emit(engine, findings);
    printer.EndSourceFile();
  }

  Output output_;
};

class ActionFactory : public tooling::FrontendActionFactory {
 public:
  explicit ActionFactory(Output output) : output_(output) {}
  std::unique_ptr<FrontendAction> create() override { return std::make_unique<Action>(output_); }

 private:
  Output output_;
};

/// The commands to read files with: given, from a database, or our own.
std::unique_ptr<tooling::CompilationDatabase> database(const Arguments& arguments, const char* argv0) {
  std::vector<std::string> own{"-std=c++20", "-pthread"};
  for (const std::string& dir : csp_include_dirs(argv0)) own.insert(own.end(), {"-isystem", dir});
  if (arguments.flags) {
    // Given flags come later, so they win over -std=c++20.
    own.insert(own.end(), arguments.flags->begin(), arguments.flags->end());
    return std::make_unique<tooling::FixedCompilationDatabase>(".", own);
  }
  std::string error;
  if (arguments.build_dir) {
    auto found = tooling::CompilationDatabase::loadFromDirectory(*arguments.build_dir, error);
    if (found == nullptr) llvm::errs() << "csp-race-vet: " << *arguments.build_dir << ": " << error << "\n";
    return found;
  }
  if (auto found = tooling::CompilationDatabase::autoDetectFromSource(arguments.files.front(), error)) return found;
  return std::make_unique<tooling::FixedCompilationDatabase>(".", own);
}

int run(int argc, const char** argv) {
  const std::optional<Arguments> arguments = parse(llvm::ArrayRef(argv + 1, static_cast<std::size_t>(argc - 1)));
  if (!arguments) return 1;
  const auto commands = database(*arguments, argv[0]);
  if (commands == nullptr) return 1;
  ActionFactory factory(arguments->output);
  bool all_read = true;
  // One at a time: a tool that is given several announces each on stderr.
  for (const std::string& file : arguments->files) {
    tooling::ClangTool tool(*commands, file);
    tool.clearArgumentsAdjusters();
    tool.appendArgumentsAdjuster(tooling::getClangStripOutputAdjuster());
    tool.appendArgumentsAdjuster(tooling::getClangStripDependencyFileAdjuster());
    tool.appendArgumentsAdjuster(adjust);
    // 1: errors. 2: not in the database, and skipped. A vet that read nothing must not look clean.
    all_read = tool.run(&factory) == 0 && all_read;
  }
  return all_read ? 0 : 1;
}

}  // namespace
}  // namespace csp::lint

int main(int argc, const char** argv) { return csp::lint::run(argc, argv); }
