/// The functions of a translation unit that are worth looking at, and what is known of each.
///
/// Facts are computed on demand, callees before callers. A call in a cycle sees an empty summary:
/// what a recursive function does to channels is found in its own body only.
#pragma once

#include <map>
#include <memory>

#include "clang/AST/ASTContext.h"
#include "engine/summary.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/SmallPtrSet.h"

namespace csp::lint {

class Program {
 public:
  /// `top_level`: the declarations to look into; those in system headers, and csp's own, are skipped.
  Program(clang::ASTContext& context, llvm::ArrayRef<clang::Decl*> top_level);
  ~Program();

  clang::ASTContext& context() const { return context_; }
  llvm::ArrayRef<const clang::FunctionDecl*> functions() const { return functions_.getArrayRef(); }

  /// The facts of a function with a body here; null if it has none.
  const FunctionFacts* facts(const clang::FunctionDecl* function);

  /// The lambda expression whose closure type `record` is, if it was seen.
  const clang::LambdaExpr* lambda_of(const clang::CXXRecordDecl* record) const { return lambdas_.lookup(record); }

  /// True if `variable` may be assigned to outside of `function`, or through a pointer.
  bool written_outside(const clang::ValueDecl* variable, const clang::FunctionDecl* function) const;

  /// True for a lambda inside of a try block, or a macro, that expects a panic.
  bool expects_panic(const clang::FunctionDecl* function) const { return expecting_panic_.contains(function); }

 private:
  friend class ProgramCollector;

  clang::ASTContext& context_;
  llvm::SetVector<const clang::FunctionDecl*> functions_;
  llvm::DenseMap<const clang::CXXRecordDecl*, const clang::LambdaExpr*> lambdas_;
  // Who assigns to a variable after its initialisation; null stands for anybody.
  llvm::DenseMap<const clang::ValueDecl*, llvm::SmallPtrSet<const clang::FunctionDecl*, 2>> writers_;
  llvm::SmallPtrSet<const clang::FunctionDecl*, 4> expecting_panic_;
  std::map<const clang::FunctionDecl*, std::unique_ptr<FunctionFacts>> facts_;  // Null: being computed.
};

}  // namespace csp::lint
