/// csp-clang-plugin-19.so: the checks while Clang compiles, loaded with -fplugin=.
///
/// It runs before the main action, so that an error stops the compiler before it makes code.
#include "analysis.h"
#include "check.h"
#include "clang/Basic/Version.h"
#include "clang/Frontend/CompilerInstance.h"
#include "clang/Frontend/FrontendPluginRegistry.h"

namespace csp::lint {
namespace {

using namespace clang;

class PluginAction : public PluginASTAction {
 protected:
  std::unique_ptr<ASTConsumer> CreateASTConsumer(CompilerInstance& compiler, StringRef) override {
    DiagnosticsEngine& diagnostics = compiler.getDiagnostics();
    return std::make_unique<Consumer>(
        options_, [&diagnostics](ASTContext&, const std::vector<Finding>& findings) { emit(diagnostics, findings); });
  }

  bool ParseArgs(const CompilerInstance& compiler, const std::vector<std::string>& arguments) override {
    bool is_fine = true;
    for (const std::string& argument : arguments) {
      const auto [option, rule] = StringRef(argument).split('=');
      const bool is_rule = std::any_of(all_checks().begin(), all_checks().end(), [&, name = rule](const auto& check) {
        return StringRef(check->name()) == name;
      });
      if ((option == "disable" || option == "error") && is_rule) {
        (option == "disable" ? options_.disabled : options_.errors).insert(rule.str());
        continue;
      }
      DiagnosticsEngine& diagnostics = compiler.getDiagnostics();
      diagnostics.Report(diagnostics.getCustomDiagID(
          DiagnosticsEngine::Error, "csp plugin: unknown argument '%0'; there are disable=RULE and error=RULE"))
          << argument;
      is_fine = false;
    }
    return is_fine;
  }

  ActionType getActionType() override { return AddBeforeMainAction; }

 private:
  Options options_;
};

const FrontendPluginRegistry::Add<PluginAction> registration("csp", "checks for csp goroutines and channels");

}  // namespace
}  // namespace csp::lint
