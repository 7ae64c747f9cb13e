/// What a caller needs to know of a function: its effect on channels that exist outside of it.
///
/// Places in a summary are rooted at a parameter, `this`, a global, or a captured variable.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "clang/AST/ExprCXX.h"
#include "engine/place.h"

namespace csp::lint {

/// What is done to a channel. Receiving needs no open channel.
enum class Op { kSend, kSelectSend, kClose, kReceive };

/// How surely something happens once the function is entered.
enum class Certainty {
  kMaybe,     // Under a condition.
  kPerRound,  // In each round of a loop that is reached always.
  kAlways,
};

/// Where something happens, and the call that led there when that is in another function.
struct Site {
  clang::SourceLocation where;
  clang::SourceLocation call;  // Invalid: no call between.
  std::string callee;          // The function called, "" for a lambda that runs where it stands.
  bool drained = false;        // A range-for that has ended: it has seen the channel closed.

  friend bool operator==(const Site&, const Site&) = default;
};

/// An operation on a channel that this function has not closed before.
struct Use {
  Place place;
  Op op = Op::kSend;
  Certainty certainty = Certainty::kMaybe;
  Site site;
};

/// A channel that is closed when this function returns.
struct Closing {
  Place place;
  Certainty certainty = Certainty::kMaybe;
  Site site;
};

struct Summary {
  std::vector<Use> uses;
  std::vector<Closing> closings;
  std::vector<Place> writes;  // Places that may hold something else when it returns.
  bool runs_unknown_code = false;
  bool joins = false;  // Waits for other goroutines to end.
};

/// A channel was used although it is, or may be, closed.
struct ClosedUse {
  Op op = Op::kSend;
  bool certain = false;
  std::string channel;
  Site use;
  Site closed;
  bool other_goroutine = false;  // One of the two happens in a goroutine started here.
};

/// A call whose callee is known, and the places its arguments have in the caller.
struct CallSite {
  const clang::FunctionDecl* callee = nullptr;
  const clang::LambdaExpr* lambda = nullptr;
  std::vector<std::optional<Place>> arguments;  // One for each parameter.
  bool spawns = false;                          // Runs in another goroutine.
  std::vector<clang::SourceRange> loops;        // The loops around it, in this function.
  clang::SourceLocation where;
};

/// An operation on a channel, by the function itself.
struct ChannelOp {
  Place place;
  Op op = Op::kSend;
  std::vector<clang::SourceRange> loops;
  clang::SourceLocation where;
};

/// A close by a function that has received from the channel before, on the same path, and joined nobody since.
struct CloseAfterReceive {
  Place place;
  std::string channel;
  clang::SourceLocation close;
  clang::SourceLocation receive;
};

/// All that is known of one function.
struct FunctionFacts {
  const clang::FunctionDecl* function = nullptr;
  Summary summary;
  std::vector<ClosedUse> closed_uses;
  std::vector<CallSite> calls;
  std::vector<ChannelOp> ops;
  std::vector<CloseAfterReceive> closes_after_receive;
};

}  // namespace csp::lint
