/// The one engine behind both front ends: the plugin (plugin.cpp) and csp-race vet (vet.cpp).
#pragma once

#include <set>
#include <string>
#include <vector>

#include "clang/AST/ASTConsumer.h"
#include "clang/AST/ASTContext.h"
#include "finding.h"

namespace csp::lint {

struct Options {
  std::set<std::string, std::less<>> disabled;  // Rules that are not to be reported.
  std::set<std::string, std::less<>> errors;    // Rules whose warnings are errors.
};

/// All findings of all enabled checks, in the order of the source, without those that a comment suppresses
/// (`// NOLINT(csp-double-close)`, `// NOLINTNEXTLINE`) and without duplicates from template instances.
std::vector<Finding> analyse(clang::ASTContext& context, llvm::ArrayRef<clang::Decl*> top_level,
                             const Options& options);

/// Prints findings as the compiler prints its own, and counts them there. -Werror and -w are obeyed.
void emit(clang::DiagnosticsEngine& diagnostics, const std::vector<Finding>& findings);

/// Collects the top-level declarations of a translation unit and hands them over at its end. Translation units
/// with errors are left alone: the compiler has said what is wrong, and their AST may be incomplete.
class Consumer : public clang::ASTConsumer {
 public:
  using Sink = std::function<void(clang::ASTContext&, const std::vector<Finding>&)>;

  Consumer(Options options, Sink sink) : options_(std::move(options)), sink_(std::move(sink)) {}

  bool HandleTopLevelDecl(clang::DeclGroupRef group) override;
  void HandleTranslationUnit(clang::ASTContext& context) override;

 private:
  Options options_;
  Sink sink_;
  std::vector<clang::Decl*> top_level_;
};

}  // namespace csp::lint
