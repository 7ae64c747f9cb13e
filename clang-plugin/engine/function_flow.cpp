// The paths of a function: worklist, branches, and what is concluded at the end.
#include "engine/function_flow.h"

#include <algorithm>

#include "clang/AST/StmtCXX.h"

namespace csp::lint {
namespace {

using namespace clang;

// Beyond this many disjuncts at the start of a block, paths no longer remember their conditions; beyond the
// double of it, the function is given up.
constexpr std::size_t kMaxDisjuncts = 32;
// In ChannelState::doubts: a condition was forgotten, no later block can settle it.
constexpr unsigned kForgotten = ~0U;

bool is_loop(const Stmt* stmt) { return isa<ForStmt, WhileStmt, DoStmt, CXXForRangeStmt>(stmt); }

bool is_condition(const Stmt* stmt) {
  if (const auto* binary = dyn_cast<BinaryOperator>(stmt)) return binary->isLogicalOp();
  return isa<IfStmt, SwitchStmt, AbstractConditionalOperator, CXXCatchStmt>(stmt);
}

}  // namespace

FunctionFlow::FunctionFlow(Program& program, const FunctionDecl* function) : program_(program), function_(function) {
  facts_.function = function;
}

FunctionFacts FunctionFlow::run() {
  CFG::BuildOptions options;
  options.AddImplicitDtors = true;
  options.AddInitializers = true;
  options.setAllAlwaysAdd();
  cfg_ = CFG::buildCFG(function_, function_->getBody(), &program_.context(), options);
  if (cfg_ == nullptr) return std::move(facts_);  // Clang cannot model it.
  dominators_ = std::make_unique<CFGDomTree>(cfg_.get());
  post_dominators_ = std::make_unique<CFGPostDomTree>(cfg_.get());
  parents_ = std::make_unique<ParentMap>(function_->getBody());
  blocks_.resize(cfg_->getNumBlockIDs());
  for (const CFGBlock* block : *cfg_) blocks_[block->getBlockID()] = block;

  if (!explore()) {
    FunctionFacts nothing;
    nothing.function = function_;
    nothing.summary.runs_unknown_code = true;
    return nothing;
  }
  collect();
  summarise();
  return std::move(facts_);
}

bool FunctionFlow::explore() {
  std::deque<std::pair<const CFGBlock*, State>> work;
  reached_[cfg_->getEntry().getBlockID()].emplace_back();
  work.emplace_back(&cfg_->getEntry(), State{});
  while (!work.empty()) {
    auto [block, state] = std::move(work.front());
    work.pop_front();
    for (auto& [next, after] : successors(*block, std::move(state))) {
      std::vector<State>& known = reached_[next->getBlockID()];
      if (known.size() >= kMaxDisjuncts) {
        after.conditions.clear();
        after.numbers.clear();
        for (auto& [object, channel] : after.channels) {
          if (channel.conditional) channel.doubts = {kForgotten};
        }
      }
      if (std::find(known.begin(), known.end(), after) != known.end()) continue;
      if (known.size() >= 2 * kMaxDisjuncts) return false;
      known.push_back(after);
      work.emplace_back(next, std::move(after));
    }
  }
  return true;
}

/// The second pass: every disjunct that reaches a block goes through it once more, and what it does is written down.
void FunctionFlow::collect() {
  collecting_ = true;
  for (const CFGBlock* block : *cfg_) {
    const auto states = reached_.find(block->getBlockID());
    if (states == reached_.end()) continue;
    for (const State& state : states->second) successors(*block, state);
  }
  for (auto& [key, tally] : tallies_) {
    ClosedUse& use = tally.use;
    use.certain = use.certain && tally.open == 0;
    if (tally.closed > 0 || (use.certain && tally.doubtful > 0)) facts_.closed_uses.push_back(use);
  }
}

FunctionFlow::Successors FunctionFlow::successors(const CFGBlock& block, State state) {
  current_ = &block;
  for (const CFGElement& element : block) visit(state, element);

  Successors out;
  if (block.hasNoReturnElement()) return out;
  const Stmt* terminator = block.getTerminatorStmt();
  if (const auto* choice = dyn_cast_or_null<SwitchStmt>(terminator)) {
    split_on_switch(block, *choice, state, out);
  } else if (block.succ_size() == 2 && block.getTerminator().isStmtBranch()) {
    split_on_condition(block, state, out);
  } else {
    for (const CFGBlock::AdjacentBlock& next : block.succs())
      add_successor(block, next.getReachableBlock(), state, out);
  }
  return out;
}

/// Takes the edge: a close that the target can be reached without is conditional from there on, and conditions whose
/// branches meet in the target no longer matter.
void FunctionFlow::add_successor(const CFGBlock& from, const CFGBlock* to, State state, Successors& out) const {
  if (to == nullptr) return;
  const bool is_back_edge = dominators_->dominates(to, &from);
  for (auto& [object, channel] : state.channels) {
    if (channel.closed == Closed::kNo) continue;
    // A round of a loop is judged by itself: what each round does is not conditional in the next.
    const CFGBlock* judged = is_back_edge ? &from : to;
    if (!dominators_->dominates(blocks_[channel.closed_in], judged)) channel.conditional = true;
    std::erase_if(channel.doubts, [&](unsigned branch) {
      return branch != kForgotten && post_dominators_->dominates(to, blocks_[branch]);
    });
  }
  out.emplace_back(to, std::move(state));
}

void FunctionFlow::doubt(State& state, const CFGBlock& branch) const {
  for (auto& [object, channel] : state.channels) {
    if (channel.closed != Closed::kNo && channel.conditional) channel.doubts.insert(branch.getBlockID());
  }
}

void FunctionFlow::split_on_condition(const CFGBlock& block, const State& state, Successors& out) {
  const CFGBlock* targets[] = {block.succ_begin()[1].getReachableBlock(), block.succ_begin()[0].getReachableBlock()};
  const Expr* condition = block.getLastCondition();
  const std::optional<bool> known = condition != nullptr ? truth_of(state, condition) : std::nullopt;
  const auto* range = dyn_cast_or_null<CXXForRangeStmt>(block.getTerminatorStmt());
  for (const bool truth : {true, false}) {
    if (targets[truth] == nullptr || (known && *known != truth)) continue;
    State taken = state;
    if (!known && targets[!truth] != nullptr) doubt(taken, block);
    if (!known && condition != nullptr) assume(taken, condition, truth);
    if (range != nullptr && !truth && is_handle(range->getRangeInit()->getType())) {
      // Go's range, too, goes on until the channel is closed and empty.
      if (const std::optional<Place> place = place_of(range->getRangeInit())) {
        mark_closed(taken, lookup(taken, *place), Site{range->getForLoc(), {}, {}, true}, Closed::kYes);
      }
    }
    add_successor(block, targets[truth], std::move(taken), out);
  }
}

void FunctionFlow::split_on_switch(const CFGBlock& block, const SwitchStmt& choice, const State& state,
                                   Successors& out) {
  const std::optional<Number> known = number_of(state, choice.getCond());
  const std::optional<Place> place = place_of(choice.getCond());
  const ASTContext& context = program_.context();
  const auto case_value = [&](const CFGBlock& target) -> std::optional<std::int64_t> {
    const auto* label = dyn_cast_or_null<CaseStmt>(target.getLabel());
    if (label == nullptr || label->getRHS() != nullptr || label->getLHS()->isValueDependent()) return std::nullopt;
    return label->getLHS()->EvaluateKnownConstInt(context).trySExtValue();
  };
  bool matched = false;
  for (const CFGBlock::AdjacentBlock& next : block.succs()) {
    const CFGBlock* target = next.getReachableBlock();
    if (target == nullptr) continue;
    const std::optional<std::int64_t> value = case_value(*target);
    const bool is_default = !isa_and_nonnull<CaseStmt>(target->getLabel());
    // Clang lists the default last.
    if (known && ((value && *value != known->value) || (is_default && matched))) continue;
    State taken = state;
    if (known && value) matched = true;
    if (!known) {
      doubt(taken, block);
      if (value && place) set_number(taken, *place, Number{*value, 0});
    }
    add_successor(block, target, std::move(taken), out);
  }
}

/// How surely `stmt`, which is in the current block, happens when the function is entered.
Certainty FunctionFlow::certainty_of(const Stmt& stmt) const {
  if (post_dominators_->dominates(current_, &cfg_->getEntry())) return Certainty::kAlways;
  const Stmt* outermost = nullptr;
  for (const Stmt* at = &stmt; at != nullptr; at = parents_->getParent(at)) {
    if (is_loop(at)) outermost = at;
    if (is_condition(at)) return Certainty::kMaybe;
  }
  if (outermost == nullptr) return Certainty::kMaybe;
  for (const CFGBlock* block : *cfg_) {
    if (block->getTerminatorStmt() == outermost && post_dominators_->dominates(block, &cfg_->getEntry())) {
      return Certainty::kPerRound;
    }
  }
  return Certainty::kMaybe;
}

std::vector<SourceRange> FunctionFlow::loops_around(const Stmt& stmt) const {
  std::vector<SourceRange> loops;
  for (const Stmt* at = &stmt; at != nullptr; at = parents_->getParent(at)) {
    if (is_loop(at)) loops.push_back(at->getSourceRange());
  }
  return loops;
}

bool FunctionFlow::panic_expected(const Stmt& stmt) const {
  if (program_.expects_panic(function_) || expects_panic(stmt.getBeginLoc(), program_.context())) return true;
  const Stmt* inner = &stmt;
  for (const Stmt* at = parents_->getParent(inner); at != nullptr; inner = at, at = parents_->getParent(at)) {
    const auto* attempt = dyn_cast<CXXTryStmt>(at);
    if (attempt != nullptr && inner == attempt->getTryBlock() && expects_panic(*attempt)) return true;
  }
  return false;
}

/// The closings: what is closed in the states that leave the function.
void FunctionFlow::summarise() {
  const auto exits = reached_.find(cfg_->getExit().getBlockID());
  if (exits == reached_.end()) return;  // Never returns.
  for (const auto& [object, place] : entry_places_) {
    if (!outlives_function(place)) continue;
    std::size_t closed = 0;
    SiteId site = kNoSite;
    bool always = true;
    for (const State& state : exits->second) {
      const auto channel = state.channels.find(object);
      if (channel == state.channels.end()) continue;
      if (channel->second.closed != Closed::kYes && channel->second.closed != Closed::kMaybe) continue;
      ++closed;
      always = always && channel->second.closed == Closed::kYes;
      site = channel->second.closed_at;
    }
    if (closed == 0) continue;
    always = always && closed == exits->second.size();
    facts_.summary.closings.push_back(
        {place, always ? Certainty::kAlways : Certainty::kMaybe, sites_[static_cast<unsigned>(site)]});
  }
}

}  // namespace csp::lint
