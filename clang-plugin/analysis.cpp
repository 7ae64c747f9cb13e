#include "analysis.h"

#include <algorithm>
#include <tuple>

#include "check.h"
#include "clang/Basic/SourceManager.h"
#include "llvm/ADT/StringExtras.h"

namespace csp::lint {
namespace {

using namespace clang;

/// The text of a line of a file, or "".
StringRef line_text(const SourceManager& sources, FileID file, unsigned line) {
  bool invalid = false;
  const StringRef buffer = sources.getBufferData(file, &invalid);
  if (invalid || line == 0) return {};
  const SourceLocation start = sources.translateLineCol(file, line, 1);
  if (start.isInvalid()) return {};
  return buffer.substr(sources.getFileOffset(start)).take_until([](char c) { return c == '\n'; });
}

/// True if `comment` holds `marker`, alone or with a list that names `rule` or a pattern of it (`csp-*`).
bool silences(StringRef comment, StringRef marker, StringRef rule) {
  const std::size_t at = comment.find(marker);
  if (at == StringRef::npos || comment.substr(0, at).find("//") == StringRef::npos) return false;
  StringRef rest = comment.substr(at + marker.size());
  if (!rest.consume_front("(")) return rest.empty() || !llvm::isAlnum(rest.front());
  SmallVector<StringRef, 4> names;
  rest.take_until([](char c) { return c == ')'; }).split(names, ',');
  return std::any_of(names.begin(), names.end(), [&](StringRef name) {
    name = name.trim();
    return name == rule || (name.consume_back("*") && rule.starts_with(name));
  });
}

bool is_suppressed(const SourceManager& sources, const Finding& finding) {
  const SourceLocation where = sources.getFileLoc(finding.where);
  const auto [file, offset] = sources.getDecomposedLoc(where);
  const unsigned line = sources.getLineNumber(file, offset);
  return silences(line_text(sources, file, line), "NOLINT", finding.rule) ||
         silences(line_text(sources, file, line - 1), "NOLINTNEXTLINE", finding.rule);
}

}  // namespace

std::vector<Finding> analyse(ASTContext& context, llvm::ArrayRef<Decl*> top_level, const Options& options) {
  const SourceManager& sources = context.getSourceManager();
  Program program(context, top_level);
  std::vector<Finding> findings;
  for (const std::unique_ptr<Check>& check : all_checks()) {
    if (options.disabled.contains(check->name())) continue;
    for (Finding& finding : check->run(program)) {
      finding.where = sources.getFileLoc(finding.where);
      for (Note& note : finding.notes) note.where = sources.getFileLoc(note.where);
      if (options.errors.contains(finding.rule)) finding.level = Level::kError;
      if (finding.where.isInvalid() || sources.isInSystemHeader(finding.where) || is_suppressed(sources, finding))
        continue;
      findings.push_back(std::move(finding));
    }
  }
  std::sort(findings.begin(), findings.end(), [&](const Finding& a, const Finding& b) {
    if (a.where != b.where) return sources.isBeforeInTranslationUnit(a.where, b.where);
    // Of two that say the same, the more certain one stays.
    return std::tuple(a.rule, a.level == Level::kWarning, a.message) <
           std::tuple(b.rule, b.level == Level::kWarning, b.message);
  });
  const auto same = [](const Finding& a, const Finding& b) { return a.where == b.where && a.rule == b.rule; };
  findings.erase(std::unique(findings.begin(), findings.end(), same), findings.end());
  return findings;
}

void emit(DiagnosticsEngine& diagnostics, const std::vector<Finding>& findings) {
  // Diagnostics of plugins belong to no group, and the engine promotes and silences by group: so -Werror and -w
  // are looked up here.
  const bool warnings_are_errors = diagnostics.getWarningsAsErrors();
  const unsigned error = diagnostics.getCustomDiagID(DiagnosticsEngine::Error, "%0 [%1]");
  const unsigned warning = diagnostics.getCustomDiagID(DiagnosticsEngine::Warning, "%0 [%1]");
  const unsigned note = diagnostics.getCustomDiagID(DiagnosticsEngine::Note, "%0");
  for (const Finding& finding : findings) {
    const bool is_error = finding.level == Level::kError || warnings_are_errors;
    if (!is_error && diagnostics.getIgnoreAllWarnings()) continue;
    diagnostics.Report(finding.where, is_error ? error : warning) << finding.message << finding.rule;
    for (const Note& extra : finding.notes) diagnostics.Report(extra.where, note) << extra.message;
  }
}

bool Consumer::HandleTopLevelDecl(DeclGroupRef group) {
  top_level_.insert(top_level_.end(), group.begin(), group.end());
  return true;
}

void Consumer::HandleTranslationUnit(ASTContext& context) {
  if (context.getDiagnostics().hasErrorOccurred()) return;
  sink_(context, analyse(context, top_level_, options_));
}

}  // namespace csp::lint
