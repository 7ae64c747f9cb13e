#include "engine/program.h"

#include "clang/AST/RecursiveASTVisitor.h"
#include "clang/Basic/SourceManager.h"
#include "csp_names.h"
#include "engine/function_flow.h"

namespace csp::lint {

using namespace clang;

/// Finds functions, lambdas, and who assigns to which variable. Templates are seen through their instances.
class ProgramCollector : public RecursiveASTVisitor<ProgramCollector> {
 public:
  explicit ProgramCollector(Program& program) : program_(program) {}

  bool shouldVisitTemplateInstantiations() const { return true; }
  bool shouldVisitImplicitCode() const { return false; }

  bool TraverseDecl(Decl* decl) {
    auto* function = dyn_cast_or_null<FunctionDecl>(decl);
    if (function == nullptr) return RecursiveASTVisitor::TraverseDecl(decl);
    const FunctionDecl* outer = std::exchange(current_, function);
    if (function->doesThisDeclarationHaveABody()) add(function);
    const bool go_on = RecursiveASTVisitor::TraverseDecl(decl);
    current_ = outer;
    return go_on;
  }

  bool TraverseLambdaExpr(LambdaExpr* lambda) {
    const CXXMethodDecl* call = lambda->getCallOperator();
    if (call == nullptr) return true;
    program_.lambdas_[lambda->getLambdaClass()] = lambda;
    for (unsigned i = 0; i < lambda->capture_size(); ++i) {
      if (Expr* init = lambda->capture_init_begin()[i]) TraverseStmt(init);
    }
    if (tolerant_ || expects_panic(lambda->getBeginLoc(), program_.context_)) program_.expecting_panic_.insert(call);
    const FunctionDecl* outer = std::exchange(current_, call);
    if (lambda->isGenericLambda()) {
      for (FunctionDecl* instance : lambda->getDependentCallOperator()->specializations()) {
        if (!instance->hasBody()) continue;
        current_ = instance;
        add(instance);
        TraverseStmt(instance->getBody());
      }
    } else {
      add(call);
      TraverseStmt(lambda->getBody());
    }
    current_ = outer;
    return true;
  }

  bool TraverseCXXTryStmt(CXXTryStmt* attempt) {
    const bool outer = std::exchange(tolerant_, tolerant_ || expects_panic(*attempt));
    TraverseStmt(attempt->getTryBlock());
    tolerant_ = outer;
    for (unsigned i = 0; i < attempt->getNumHandlers(); ++i) TraverseStmt(attempt->getHandler(i));
    return true;
  }

  bool VisitBinaryOperator(BinaryOperator* assign) {
    if (assign->isAssignmentOp()) write(assign->getLHS(), current_);
    return true;
  }

  bool VisitUnaryOperator(UnaryOperator* unary) {
    if (unary->isIncrementDecrementOp()) write(unary->getSubExpr(), current_);
    if (unary->getOpcode() == UO_AddrOf) write(unary->getSubExpr(), nullptr);
    return true;
  }

  bool VisitCallExpr(CallExpr* call) {
    const auto* operation = dyn_cast<CXXOperatorCallExpr>(call);
    if (operation != nullptr && operation->isAssignmentOp()) {
      write(operation->getArg(0), current_);
      return true;
    }
    const ApiCall api = classify(*call);
    if (api.api == Api::kSelectRecv) {
      for (unsigned i = 1; i < call->getNumArgs(); ++i) write(call->getArg(i), current_);
    }
    if (is_identity_call(*call) || api.channel != nullptr) return true;
    const FunctionDecl* callee = call->getDirectCallee();
    if (callee == nullptr) return true;
    const unsigned skipped = operation != nullptr && isa<CXXMethodDecl>(callee) ? 1 : 0;
    for (unsigned i = skipped; i < call->getNumArgs() && i - skipped < callee->getNumParams(); ++i) {
      const QualType type = callee->getParamDecl(i - skipped)->getType();
      // A forwarding reference (std::forward, csp::go) does not assign.
      if (!type->isLValueReferenceType() || type.getNonReferenceType().isConstQualified() || in_csp(*callee)) continue;
      write(call->getArg(i), current_);
    }
    return true;
  }

 private:
  void add(const FunctionDecl* function) {
    if (function->isDependentContext() || function->isInvalidDecl() || function->getBody() == nullptr) return;
    if (in_csp(*function) && !program_.context_.getSourceManager().isInMainFile(function->getLocation())) return;
    program_.functions_.insert(function);
  }

  void write(const Expr* target, const FunctionDecl* writer) {
    const std::optional<Place> place = place_of(target);
    if (place && place->root != nullptr && place->fields.empty()) program_.writers_[place->root].insert(writer);
  }

  Program& program_;
  const FunctionDecl* current_ = nullptr;
  bool tolerant_ = false;  // Inside of a try block that handles panics.
};

Program::Program(ASTContext& context, llvm::ArrayRef<Decl*> top_level) : context_(context) {
  const SourceManager& sources = context.getSourceManager();
  ProgramCollector collector(*this);
  for (Decl* decl : top_level) {
    if (!sources.isInSystemHeader(sources.getExpansionLoc(decl->getLocation()))) collector.TraverseDecl(decl);
  }
}

Program::~Program() = default;

const FunctionFacts* Program::facts(const FunctionDecl* function) {
  const FunctionDecl* definition = nullptr;
  if (function == nullptr || !function->hasBody(definition) || !functions_.contains(definition)) return nullptr;
  const auto [entry, is_new] = facts_.try_emplace(definition);
  if (!is_new) return entry->second.get();
  auto facts = std::make_unique<FunctionFacts>(FunctionFlow(*this, definition).run());
  return (facts_[definition] = std::move(facts)).get();
}

bool Program::written_outside(const ValueDecl* variable, const FunctionDecl* function) const {
  const auto entry = writers_.find(variable);
  if (entry == writers_.end()) return false;
  for (const FunctionDecl* writer : entry->second) {
    if (writer != function) return true;
  }
  return false;
}

}  // namespace csp::lint
