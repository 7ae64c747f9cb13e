// A close that follows a receive in the same function is suspicious only if somebody else sends, and if
// nothing tells the receiver that the senders are done. The engine leaves out closes after a join
// (CloseAfterReceive); here the senders are looked for, in the same translation unit.
#include "checks/receiver_close.h"

#include <algorithm>

#include "clang/Basic/SourceManager.h"

namespace csp::lint {
namespace {

using namespace clang;

/// Where a function other than the receiver sends on its channel.
struct Sender {
  SourceLocation where;
  bool repeats = false;
};

class SenderSearch {
 public:
  SenderSearch(Program& program, const FunctionFacts& receiver) : program_(program), receiver_(receiver) {}

  /// nullopt: the receiver sends itself, or the channel is unknown.
  std::optional<std::vector<Sender>> senders(const Place& place) {
    const Place channel = origin(place);
    for (const ChannelOp& op : receiver_.ops) {
      if (is_send(op.op) && origin(op.place) == channel) return std::nullopt;
    }
    std::vector<Sender> found;
    for (const FunctionDecl* function : program_.functions()) {
      const FunctionFacts* facts = program_.facts(function);
      if (facts == nullptr) continue;
      if (function != receiver_.function && !runs_inside_receiver(*facts)) add_own_sends(*facts, channel, found);
      for (const CallSite& call : facts->calls) {
        const bool by_receiver = function == receiver_.function && !call.spawns;
        if (!add_sends_of_callee(call, channel, by_receiver, found)) return std::nullopt;
      }
    }
    // A parameter is the channel that the callers pass.
    if (const auto* parameter = dyn_cast_or_null<ParmVarDecl>(channel.root);
        parameter != nullptr && channel.fields.empty() && parameter->getDeclContext() == receiver_.function) {
      add_senders_of_arguments(parameter->getFunctionScopeIndex(), found);
    }
    // A call of a lambda and the lambda's own line are the same send.
    std::vector<Sender> distinct;
    for (const Sender& sender : found) {
      const auto known = std::find_if(distinct.begin(), distinct.end(),
                                      [&](const Sender& other) { return other.where == sender.where; });
      if (known == distinct.end()) {
        distinct.push_back(sender);
      } else {
        known->repeats = known->repeats || sender.repeats;
      }
    }
    return distinct;
  }

 private:
  static bool is_send(Op op) { return op == Op::kSend || op == Op::kSelectSend; }

  /// The variable that a handle was copied from, as far as initialisers tell; a field stands for itself in every
  /// object.
  static Place origin(const Place& place) {
    if (!place.fields.empty()) return {place.fields.back(), {}};
    Place at = place;
    for (int hops = 0; hops < 16; ++hops) {
      const auto* variable = dyn_cast_or_null<VarDecl>(at.root);
      if (variable == nullptr || isa<ParmVarDecl>(variable) || variable->getInit() == nullptr) break;
      const std::optional<Place> source = place_of(variable->getInit());
      if (!source || *source == at || (source->root == nullptr && source->fields.empty())) break;
      if (!source->fields.empty()) return {source->fields.back(), {}};
      at = *source;
    }
    return at;
  }

  /// True for a lambda that the receiver calls where it stands: what it sends, the receiver sends.
  bool runs_inside_receiver(const FunctionFacts& facts) const {
    return std::any_of(receiver_.calls.begin(), receiver_.calls.end(),
                       [&](const CallSite& call) { return !call.spawns && call.callee == facts.function; });
  }

  /// True if one of `loops` goes round while the channel stays the same: it was not made inside of that loop.
  bool goes_round(const std::vector<SourceRange>& loops, const Place& channel) const {
    const SourceManager& sources = program_.context().getSourceManager();
    const SourceLocation made = channel.root != nullptr ? channel.root->getLocation() : SourceLocation();
    return std::any_of(loops.begin(), loops.end(), [&](SourceRange loop) {
      return made.isInvalid() || !sources.isPointWithin(made, loop.getBegin(), loop.getEnd());
    });
  }

  bool is_called_repeatedly(const FunctionDecl* function, const Place& channel) {
    for (const FunctionDecl* other : program_.functions()) {
      const FunctionFacts* facts = program_.facts(other);
      if (facts == nullptr) continue;
      for (const CallSite& call : facts->calls) {
        if (call.callee == function && goes_round(call.loops, channel)) return true;
      }
    }
    return false;
  }

  void add_own_sends(const FunctionFacts& facts, const Place& channel, std::vector<Sender>& found) {
    // A local channel is sent on as often as its function says; one that lives elsewhere, by any caller.
    const auto* variable = dyn_cast_or_null<VarDecl>(channel.root);
    const bool is_local = variable != nullptr && variable->hasLocalStorage();
    for (const ChannelOp& op : facts.ops) {
      if (!is_send(op.op) || origin(op.place) != channel) continue;
      found.push_back(
          {op.where, !is_local || goes_round(op.loops, channel) || is_called_repeatedly(facts.function, channel)});
    }
  }

  /// False if it is the receiver that sends by this call.
  bool add_sends_of_callee(const CallSite& call, const Place& channel, bool by_receiver, std::vector<Sender>& found) {
    const FunctionFacts* callee = program_.facts(call.callee);
    if (callee == nullptr || callee == &receiver_) return true;
    for (const Use& use : callee->summary.uses) {
      if (!is_send(use.op)) continue;
      const auto* parameter = dyn_cast_or_null<ParmVarDecl>(use.place.root);
      std::optional<Place> target = use.place;
      if (parameter != nullptr && parameter->getDeclContext() == call.callee) {
        const unsigned index = parameter->getFunctionScopeIndex();
        if (index >= call.arguments.size() || !call.arguments[index]) continue;
        target = call.arguments[index];
        target->fields.insert(target->fields.end(), use.place.fields.begin(), use.place.fields.end());
      }
      if (origin(*target) != channel) continue;
      if (by_receiver) return false;
      found.push_back({use.site.where, goes_round(call.loops, channel) || repeats(*callee, use.site.where)});
    }
    return true;
  }

  static bool repeats(const FunctionFacts& facts, SourceLocation where) {
    const auto op =
        std::find_if(facts.ops.begin(), facts.ops.end(), [&](const ChannelOp& o) { return o.where == where; });
    return op == facts.ops.end() || !op->loops.empty();
  }

  void add_senders_of_arguments(unsigned index, std::vector<Sender>& found) {
    for (const FunctionDecl* function : program_.functions()) {
      const FunctionFacts* facts = program_.facts(function);
      if (facts == nullptr) continue;
      for (const CallSite& call : facts->calls) {
        if (call.callee != receiver_.function || index >= call.arguments.size() || !call.arguments[index]) continue;
        const Place channel = origin(*call.arguments[index]);
        if (isa_and_nonnull<ParmVarDecl>(channel.root)) continue;  // Passed on: whose it is cannot be told.
        for (const FunctionDecl* other : program_.functions()) {
          const FunctionFacts* sender = program_.facts(other);
          if (sender == nullptr || other == receiver_.function) continue;
          add_own_sends(*sender, channel, found);
          for (const CallSite& next : sender->calls) add_sends_of_callee(next, channel, false, found);
        }
      }
    }
  }

  Program& program_;
  const FunctionFacts& receiver_;
};

/// True if the receiver has surely had everything before it closes: as many receives as there are sends, none repeated.
bool has_received_all(const FunctionFacts& receiver, const CloseAfterReceive& close,
                      const std::vector<Sender>& senders) {
  std::size_t receives = 0;
  for (const ChannelOp& op : receiver.ops) receives += op.op == Op::kReceive && op.place == close.place ? 1 : 0;
  return senders.size() <= receives &&
         std::none_of(senders.begin(), senders.end(), [](const Sender& sender) { return sender.repeats; });
}

}  // namespace

std::vector<Finding> ReceiverCloseCheck::run(Program& program) const {
  std::vector<Finding> findings;
  for (const FunctionDecl* function : program.functions()) {
    const FunctionFacts* facts = program.facts(function);
    if (facts == nullptr) continue;
    for (const CloseAfterReceive& close : facts->closes_after_receive) {
      const std::optional<std::vector<Sender>> senders = SenderSearch(program, *facts).senders(close.place);
      if (!senders || senders->empty() || has_received_all(*facts, close, *senders)) continue;
      Finding finding;
      finding.rule = name();
      finding.where = close.close;
      finding.message = "channel '" + close.channel + "' is closed by its receiver: a sender that is not done panics";
      finding.notes.push_back({close.receive, "received here"});
      finding.notes.push_back({senders->front().where, "sent here, by another function; let the sender close"});
      findings.push_back(std::move(finding));
    }
  }
  return findings;
}

}  // namespace csp::lint
