#include "csp_names.h"

#include "clang/AST/DeclTemplate.h"
#include "clang/AST/ExprCXX.h"
#include "clang/Basic/SourceManager.h"
#include "clang/Lex/Lexer.h"
#include "llvm/ADT/StringSwitch.h"

namespace csp::lint {
namespace {

using namespace clang;

/// The namespace that directly holds `decl`, inline namespaces and classes skipped, when it is a top-level one.
StringRef top_namespace(const Decl& decl) {
  const DeclContext* context = decl.getDeclContext();
  StringRef name;
  for (; context != nullptr && !context->isTranslationUnit(); context = context->getParent()) {
    const auto* space = dyn_cast<NamespaceDecl>(context);
    if (space != nullptr && !space->isInline()) name = space->getName();
  }
  return name;
}

bool is_direct_member_of(const Decl& decl, StringRef space_name) {
  const DeclContext* context = decl.getDeclContext()->getRedeclContext();
  while (const auto* space = dyn_cast<NamespaceDecl>(context)) {
    if (!space->isInline()) return space->getName() == space_name && space->getParent()->isTranslationUnit();
    context = space->getParent();
  }
  return false;
}

QualType referred(QualType type) {
  if (type.isNull()) return type;
  type = type.getNonReferenceType();
  if (type->isPointerType()) type = type->getPointeeType();
  return type.getCanonicalType().getUnqualifiedType();
}

/// The name of the class that `type` is, when it is a member of namespace csp; else "".
StringRef csp_class(QualType type) {
  type = referred(type);
  if (type.isNull()) return {};
  const CXXRecordDecl* record = type->getAsCXXRecordDecl();
  if (record == nullptr || record->getIdentifier() == nullptr || !is_direct_member_of(*record, "csp")) return {};
  return record->getName();
}

Api chan_method(StringRef name) {
  return llvm::StringSwitch<Api>(name)
      .Cases("send", "try_send", Api::kSend)
      .Cases("recv", "receive", "try_recv", "begin", Api::kReceive)
      .Case("close", Api::kClose)
      .Default(Api::kObserve);
}

}  // namespace

Handle handle_of(QualType type) {
  return llvm::StringSwitch<Handle>(csp_class(type))
      .Case("Chan", Handle::kChan)
      .Case("SendChan", Handle::kSendChan)
      .Case("RecvChan", Handle::kRecvChan)
      .Default(Handle::kNone);
}

bool carries_nothing(QualType handle) {
  const QualType type = referred(handle);
  if (type.isNull()) return false;
  const auto* record = dyn_cast_or_null<ClassTemplateSpecializationDecl>(type->getAsCXXRecordDecl());
  if (record == nullptr || record->getTemplateArgs().size() == 0) return false;
  const TemplateArgument& element = record->getTemplateArgs()[0];
  if (element.getKind() != TemplateArgument::Type) return false;
  return element.getAsType()->isVoidType() || csp_class(element.getAsType()) == "Unit";
}

ApiCall classify(const CallExpr& call) {
  const FunctionDecl* callee = call.getDirectCallee();
  if (callee == nullptr) return {};
  if (const auto* member = dyn_cast<CXXMemberCallExpr>(&call)) {
    const Expr* object = member->getImplicitObjectArgument();
    if (object == nullptr || callee->getIdentifier() == nullptr) return {};
    // The static type before conversions: an operation may be inherited from a base of the handle.
    const Expr* bare = object->IgnoreParenImpCasts();
    const StringRef record = csp_class(bare->getType());
    const StringRef name = callee->getName();
    if (is_handle(bare->getType())) return {chan_method(name), bare};
    if (record.empty()) return {in_csp(*callee) ? Api::kOther : Api::kNone};
    if ((record == "WaitGroup" || record == "ErrGroup") && (name == "go" || name == "try_go")) return {Api::kSpawn};
    if ((record == "WaitGroup" || record == "ErrGroup") && name == "wait") return {Api::kJoin};
    if (record == "Once" && name == "call") return {Api::kCallOnce};
    return {Api::kOther};
  }
  if (isa<CXXOperatorCallExpr>(call)) {
    for (const Expr* argument : call.arguments()) {
      if (call.getDirectCallee()->getOverloadedOperator() != OO_Equal && is_handle(argument->getType())) {
        return {Api::kObserve};
      }
    }
    return {};
  }
  if (callee->getIdentifier() == nullptr || !is_direct_member_of(*callee, "csp")) {
    return {in_csp(*callee) ? Api::kOther : Api::kNone};
  }
  const StringRef name = callee->getName();
  const unsigned count = call.getNumArgs();
  if (name == "make_chan") return {Api::kMakeChan};
  if ((name == "send" || name == "recv") && count > 0 && is_handle(call.getArg(0)->IgnoreParenImpCasts()->getType())) {
    return {name == "send" ? Api::kSelectSend : Api::kSelectRecv, call.getArg(0)->IgnoreParenImpCasts()};
  }
  if (name == "go" && count > 0) {
    return {Api::kSpawn, nullptr, csp_class(call.getArg(0)->getType()) == "GoOptions" ? 1U : 0U};
  }
  if ((name == "run" || name == "blocking") && count > 0) return {Api::kCallNow};
  if (name == "defer" && count > 0) return {Api::kDefer};
  return {Api::kOther};
}

bool in_csp(const Decl& decl) { return top_namespace(decl) == "csp"; }

bool expects_panic(const CXXTryStmt& attempt) {
  for (unsigned i = 0; i < attempt.getNumHandlers(); ++i) {
    const CXXCatchStmt* handler = attempt.getHandler(i);
    if (csp_class(handler->getCaughtType()) == "PanicError" || handler->getBeginLoc().isMacroID()) return true;
  }
  return false;
}

bool expects_panic(SourceLocation where, const ASTContext& context) {
  const SourceManager& sources = context.getSourceManager();
  for (; where.isMacroID(); where = sources.getImmediateMacroCallerLoc(where)) {
    const StringRef macro = Lexer::getImmediateMacroName(where, sources, context.getLangOpts());
    if (macro.contains("THROW") || macro.contains("DEATH") || macro.contains("EXIT")) return true;
  }
  return false;
}

bool is_move_call(const CallExpr& call) {
  const FunctionDecl* callee = call.getDirectCallee();
  return callee != nullptr && callee->getIdentifier() != nullptr && call.getNumArgs() == 1 &&
         callee->isInStdNamespace() && callee->getName() == "move";
}

bool is_identity_call(const CallExpr& call) {
  const FunctionDecl* callee = call.getDirectCallee();
  if (callee == nullptr || callee->getIdentifier() == nullptr || call.getNumArgs() != 1) return false;
  if (!callee->isInStdNamespace()) return false;
  const StringRef name = callee->getName();
  return name == "move" || name == "forward" || name == "ref" || name == "cref" || name == "as_const";
}

}  // namespace csp::lint
