/// Every csp name that a check mentions, once. Types and functions are recognised by qualified name,
/// so that the plugin needs no csp header; its tests include the real ones, so names cannot drift.
#pragma once

#include "clang/AST/ASTContext.h"
#include "clang/AST/Expr.h"
#include "clang/AST/StmtCXX.h"
#include "clang/AST/Type.h"

namespace csp::lint {

/// The handle types of <csp/chan.h>.
enum class Handle { kNone, kChan, kSendChan, kRecvChan };

/// Which handle `type` is, or refers or points to.
Handle handle_of(clang::QualType type);
inline bool is_handle(clang::QualType type) { return handle_of(type) != Handle::kNone; }

/// True for a channel that carries no data (`csp::Unit`): closing it is how it is used.
bool carries_nothing(clang::QualType handle);

/// What a call to the csp library means to the checks.
enum class Api {
  kNone,        // Not a call into csp.
  kOther,       // Into csp, without a meaning of its own here; may block.
  kMakeChan,    // A new channel.
  kSend,        // ch.send(v), ch.try_send(v)
  kReceive,     // ch.recv(), receive(), try_recv(), begin() of a range-for
  kClose,       // ch.close()
  kObserve,     // ch.len(), ch.cap(), comparisons
  kSelectSend,  // csp::send(ch, v): the case of a select
  kSelectRecv,  // csp::recv(ch, ...)
  kSpawn,       // csp::go(f, args...), wg.go(f), group.go(f): f runs in another goroutine
  kCallNow,     // csp::run(f), csp::blocking(f): f has run when the call returns
  kCallOnce,    // once.call(f): f may have run
  kDefer,       // csp::defer(f): f runs when the guard is destroyed
  kJoin,        // wg.wait(), group.wait(): other goroutines have ended
};

struct ApiCall {
  Api api = Api::kNone;
  const clang::Expr* channel = nullptr;  // For operations on a channel: the handle.
  unsigned callable = 0;                 // For calls that take a callable: which argument it is.
};

ApiCall classify(const clang::CallExpr& call);

/// True if `decl` is a member of namespace csp, at any depth.
bool in_csp(const clang::Decl& decl);

/// True if a panic in `attempt` is handled as one: it names csp::PanicError in a handler, or a test macro wrote it.
bool expects_panic(const clang::CXXTryStmt& attempt);
/// True if `where` is in the argument of a macro that expects the worst: EXPECT_THROW, EXPECT_DEATH, EXPECT_EXIT, ...
bool expects_panic(clang::SourceLocation where, const clang::ASTContext& context);

/// True for std::move, std::forward, std::ref and std::cref: the argument, under another name.
bool is_identity_call(const clang::CallExpr& call);
bool is_move_call(const clang::CallExpr& call);

}  // namespace csp::lint
