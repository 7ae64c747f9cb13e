/// One function, followed along all its paths: which channels are closed where.
///
/// A worklist over Clang's CFG carries sets of disjuncts (state.h) instead of one joined state, so that
/// `if (b) ch.close(); if (!b) ch.send(1);` is understood: each path remembers how it decided `b`.
/// A second pass looks at all disjuncts that reach an operation and tells "always closed" from "closed on
/// some paths". The second is said only if nothing between the close and the operation could have asked
/// whether the channel is closed (ChannelState::doubts): no alarm on correct code comes before finding more.
///
/// When a function has more paths than we follow, it yields nothing.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "clang/AST/ParentMap.h"
#include "clang/Analysis/Analyses/Dominators.h"
#include "clang/Analysis/CFG.h"
#include "csp_names.h"
#include "engine/program.h"
#include "engine/state.h"

namespace csp::lint {

class FunctionFlow {
 public:
  FunctionFlow(Program& program, const clang::FunctionDecl* function);

  FunctionFacts run();

 private:
  // A callable expression, resolved.
  struct Callable {
    const clang::FunctionDecl* function = nullptr;
    const clang::LambdaExpr* lambda = nullptr;
    std::optional<Place> object;  // For a member function.
    std::vector<const clang::Expr*> arguments;
  };
  enum class Mode { kNamedCall, kCallInPlace, kSpawn };

  // One operation on a channel, as the function at hand sees it.
  struct Operation {
    Op op;
    Site site;
    std::string channel;                       // Its name, for people.
    Certainty certainty = Certainty::kAlways;  // Of the operation, given that `site` is reached.
    Certainty reached = Certainty::kAlways;    // Of `site`, given that the function is entered.
    bool panic_expected = false;               // The program provokes the panic and handles it.
    bool other_goroutine = false;
    clang::SourceLocation at = {};  // What does it in this function: `site`, or a call of a lambda.
  };
  // What the disjuncts that reach one operation say.
  struct Tally {
    ClosedUse use;
    unsigned closed = 0, doubtful = 0, open = 0;
  };
  using Successors = std::vector<std::pair<const clang::CFGBlock*, State>>;

  // --- the paths
  bool explore();
  void collect();
  Successors successors(const clang::CFGBlock& block, State state);
  void add_successor(const clang::CFGBlock& from, const clang::CFGBlock* to, State state, Successors& out) const;
  void split_on_condition(const clang::CFGBlock& block, const State& state, Successors& out);
  void split_on_switch(const clang::CFGBlock& block, const clang::SwitchStmt& choice, const State& state,
                       Successors& out);
  void doubt(State& state, const clang::CFGBlock& branch) const;

  // --- one element of a block
  void visit(State& state, const clang::CFGElement& element);
  void visit(State& state, const clang::Stmt& stmt);
  void declare(State& state, const clang::VarDecl& variable);
  void assign(State& state, const clang::Expr* target, const clang::Expr* value, const clang::Stmt& at);
  void initialise(State& state, const Place& place, clang::QualType type, const clang::Expr* value,
                  const clang::Stmt& at);
  void capture(State& state, const clang::LambdaExpr& lambda);
  void channel_call(State& state, const clang::CallExpr& call, const ApiCall& api);
  void leave_scope(State& state, const clang::VarDecl& variable);
  void call(State& state, const clang::CallExpr& call);
  void construct(State& state, const clang::CXXConstructExpr& made);
  void apply(State& state, const Callable& callable, Mode mode, const clang::Stmt& at);
  void unknown_call(State& state, const clang::FunctionDecl* callee, llvm::ArrayRef<const clang::Expr*> arguments,
                    const std::optional<Place>& object, const clang::Stmt& at);

  // --- channels
  ObjectId lookup(const State& state, const Place& place);
  ObjectId evaluate(State& state, const clang::Expr* value, const Place& target, const clang::Stmt& at);
  ObjectId make_object(State& state, const clang::Stmt& at, const Place& target);
  void bind(State& state, const Place& place, ObjectId object);
  void forget(State& state, const Place& prefix, const clang::Stmt& at);
  void forget_shared(State& state, const clang::Stmt& at);
  void check(const State& state, ObjectId object, const Operation& operation);
  void mark_closed(State& state, ObjectId object, const Site& site, Closed how);
  void mark_received(State& state, ObjectId object, const Site& site, bool in_select);

  // --- numbers and conditions
  std::optional<Number> number_of(const State& state, const clang::Expr* expr) const;
  void set_number(State& state, const Place& place, std::optional<Number> number);
  void forget_numbers(State& state, const Place& prefix);
  void forget_shared_numbers(State& state);
  std::optional<bool> truth_of(const State& state, const clang::Expr* condition);
  std::optional<std::pair<ConditionId, bool>> condition_of(const clang::Expr* expr);
  void assume(State& state, const clang::Expr* condition, bool truth);

  // --- places
  PlaceId intern(const Place& place);
  SiteId intern(const Site& site);
  std::optional<Place> in_caller(const Place& place, const Callable& callable) const;
  bool is_untracked(const Place& place) const;
  bool is_shared(const Place& place) const;
  bool outlives_function(const Place& place) const;

  // --- the shape of the function
  Certainty certainty_of(const clang::Stmt& stmt) const;
  std::vector<clang::SourceRange> loops_around(const clang::Stmt& stmt) const;
  bool panic_expected(const clang::Stmt& stmt) const;
  Callable resolve(const clang::Expr* callable, llvm::ArrayRef<const clang::Expr*> arguments) const;
  void summarise();
  void add_write(const Place& place);

  Program& program_;
  const clang::FunctionDecl* function_;
  FunctionFacts facts_;

  std::unique_ptr<clang::CFG> cfg_;
  std::unique_ptr<clang::CFGDomTree> dominators_;
  std::unique_ptr<clang::CFGPostDomTree> post_dominators_;
  std::unique_ptr<clang::ParentMap> parents_;

  struct ConditionParts {
    bool shared = false;
    std::vector<Place> places;
  };
  std::map<unsigned, std::vector<State>> reached_;  // Block id -> disjuncts at its start.
  std::vector<const clang::CFGBlock*> blocks_;      // By id.
  const clang::CFGBlock* current_ = nullptr;
  bool collecting_ = false;

  std::vector<Place> places_;
  std::map<Place, PlaceId> place_ids_;
  std::vector<Site> sites_{Site{}};  // kNoSite
  std::map<std::pair<const clang::Stmt*, Place>, ObjectId> made_;
  std::map<PlaceId, ObjectId> entry_objects_;
  std::map<ObjectId, Place> entry_places_;
  unsigned object_count_ = 1;  // kUntracked
  std::map<llvm::FoldingSetNodeID, ConditionId> condition_ids_;
  std::vector<ConditionParts> condition_parts_;

  std::vector<Place>
      overwritten_;  // Assigned as a whole somewhere here: what lies inside is not what was there at entry.
  std::vector<Place> select_targets_;  // What the receiving cases of selects assign to.

  using TallyKey = std::tuple<Op, unsigned, unsigned, std::string>;  // operation, where, by what, channel
  std::map<TallyKey, Tally> tallies_;
};

}  // namespace csp::lint
