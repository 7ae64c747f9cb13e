#include "engine/place.h"

#include "clang/AST/DeclCXX.h"
#include "clang/AST/ExprCXX.h"
#include "csp_names.h"

namespace csp::lint {
namespace {

using namespace clang;

// References that name each other in a cycle (`int& a = a;`) end here.
constexpr int kMaxDepth = 64;

std::optional<Place> find(const Expr* expr, int depth);

std::optional<Place> find(const ValueDecl* variable, int depth) {
  if (depth > kMaxDepth) return std::nullopt;
  const auto* var = dyn_cast<VarDecl>(variable);
  if (var != nullptr && !isa<ParmVarDecl>(var) && var->getType()->isReferenceType() && var->getInit() != nullptr) {
    if (std::optional<Place> target = find(var->getInit(), depth + 1)) return target;
  }
  if (var == nullptr && !isa<BindingDecl>(variable)) return std::nullopt;
  return Place{cast<ValueDecl>(variable->getCanonicalDecl()), {}};
}

std::optional<Place> find(const Expr* expr, int depth) {
  if (expr == nullptr || depth > kMaxDepth) return std::nullopt;
  expr = strip(expr);
  if (const auto* name = dyn_cast<DeclRefExpr>(expr)) return find(name->getDecl(), depth + 1);
  if (isa<CXXThisExpr>(expr)) return Place{};
  if (const auto* member = dyn_cast<MemberExpr>(expr)) {
    if (const auto* variable = dyn_cast<VarDecl>(member->getMemberDecl())) return find(variable, depth + 1);
    const auto* field = dyn_cast<FieldDecl>(member->getMemberDecl());
    if (field == nullptr) return std::nullopt;
    std::optional<Place> base = find(member->getBase(), depth + 1);
    if (!base) return std::nullopt;
    return base->member(field->getCanonicalDecl());
  }
  if (const auto* unary = dyn_cast<UnaryOperator>(expr)) {
    if (unary->getOpcode() == UO_Deref || unary->getOpcode() == UO_AddrOf) return find(unary->getSubExpr(), depth + 1);
    return std::nullopt;
  }
  if (const auto* call = dyn_cast<CXXOperatorCallExpr>(expr)) {
    const bool follows = call->getOperator() == OO_Arrow || call->getOperator() == OO_Star;
    return follows && call->getNumArgs() == 1 ? find(call->getArg(0), depth + 1) : std::nullopt;
  }
  return std::nullopt;
}

}  // namespace

Place Place::member(const FieldDecl* field) const {
  Place inner = *this;
  inner.fields.push_back(field);
  return inner;
}

bool Place::is_within(const Place& outer) const {
  return root == outer.root && fields.size() >= outer.fields.size() &&
         std::equal(outer.fields.begin(), outer.fields.end(), fields.begin());
}

std::string Place::name() const {
  std::string text = root != nullptr ? root->getNameAsString() : "";
  for (const FieldDecl* field : fields) {
    if (!text.empty()) text += '.';
    text += field->getNameAsString();
  }
  return text.empty() ? "this" : text;
}

const Expr* strip(const Expr* expr) {
  while (expr != nullptr) {
    const Expr* inner = expr->IgnoreParenCasts();
    if (const auto* cleanups = dyn_cast<FullExpr>(inner)) {
      inner = cleanups->getSubExpr();
    } else if (const auto* temporary = dyn_cast<MaterializeTemporaryExpr>(inner)) {
      inner = temporary->getSubExpr();
    } else if (const auto* bound = dyn_cast<CXXBindTemporaryExpr>(inner)) {
      inner = bound->getSubExpr();
    } else if (const auto* made = dyn_cast<CXXConstructExpr>(inner)) {
      // A copy of a handle, or one direction of it, is the same channel; a copied closure the same closure.
      const bool converts =
          made->getNumArgs() >= 1 && (made->getConstructor()->isCopyOrMoveConstructor() ||
                                      (is_handle(made->getType()) && is_handle(made->getArg(0)->getType())));
      if (converts) inner = made->getArg(0);
    } else if (const auto* list = dyn_cast<InitListExpr>(inner)) {
      if (list->getNumInits() == 1 && is_handle(list->getType())) inner = list->getInit(0);
    } else if (const auto* call = dyn_cast<CallExpr>(inner)) {
      const auto* member = dyn_cast<CXXMemberCallExpr>(call);
      const bool narrows = member != nullptr && isa_and_nonnull<CXXConversionDecl>(member->getMethodDecl()) &&
                           is_handle(member->getType()) && is_handle(member->getObjectType());
      if (narrows) inner = member->getImplicitObjectArgument();
      if (is_identity_call(*call)) inner = call->getArg(0);
    }
    if (inner == expr) return expr;
    expr = inner;
  }
  return expr;
}

std::optional<Place> place_of(const Expr* expr) { return find(expr, 0); }
std::optional<Place> place_of(const ValueDecl* variable) { return find(variable, 0); }

}  // namespace csp::lint
