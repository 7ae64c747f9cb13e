// What places hold: channels, small numbers, and conditions over them.
#include <algorithm>

#include "clang/AST/StmtCXX.h"
#include "engine/function_flow.h"

namespace csp::lint {
namespace {

using namespace clang;

// How often a known number is counted up before it is forgotten: a loop is followed for so many rounds.
constexpr unsigned kMaxSteps = 2;

bool is_number(QualType type) { return type->isIntegralOrEnumerationType(); }

const Expr* bare(const Expr* expr) { return expr->IgnoreParenImpCasts(); }

}  // namespace

// --- places

PlaceId FunctionFlow::intern(const Place& place) {
  const auto [entry, is_new] = place_ids_.try_emplace(place, PlaceId(places_.size()));
  if (is_new) places_.push_back(place);
  return entry->second;
}

SiteId FunctionFlow::intern(const Site& site) {
  const auto known = std::find(sites_.begin(), sites_.end(), site);
  if (known == sites_.end()) {
    sites_.push_back(site);
    return SiteId(sites_.size() - 1);
  }
  return SiteId(known - sites_.begin());
}

/// True if it cannot be told here what the place holds: a lambda assigns to it, or its address is known.
bool FunctionFlow::is_untracked(const Place& place) const {
  const auto* variable = dyn_cast_or_null<VarDecl>(place.root);
  return variable != nullptr && variable->hasLocalStorage() && variable->getDeclContext() == function_ &&
         program_.written_outside(variable, function_);
}

/// True if code that we do not see may assign to the place while this function waits or calls.
bool FunctionFlow::is_shared(const Place& place) const {
  if (place.root == nullptr) return true;
  const auto* variable = dyn_cast<VarDecl>(place.root);
  if (variable == nullptr) return !place.fields.empty();  // A capture, or a structured binding.
  if (!variable->hasLocalStorage()) return !variable->getType().isConstQualified();
  if (!place.fields.empty()) {
    // A field of a local object is ours; one that is reached through a pointer is not.
    const CXXRecordDecl* record = variable->getType()->getAsCXXRecordDecl();
    const bool is_own =
        record != nullptr && record->getCanonicalDecl() == place.fields[0]->getParent()->getCanonicalDecl();
    return !is_own || variable->getDeclContext() != function_;
  }
  return variable->getDeclContext() != function_ && program_.written_outside(variable, function_);
}

/// True if the place exists outside of the function: callers care what happens to it.
bool FunctionFlow::outlives_function(const Place& place) const {
  if (place.root == nullptr) return true;
  const auto* variable = dyn_cast<VarDecl>(place.root);
  if (variable == nullptr) return false;
  return !variable->hasLocalStorage() || isa<ParmVarDecl>(variable) || variable->isInitCapture() ||
         variable->getDeclContext() != function_;
}

// --- channels

ObjectId FunctionFlow::lookup(const State& state, const Place& place) {
  if (is_untracked(place)) return kUntracked;
  const PlaceId id = intern(place);
  if (const auto bound = state.bindings.find(id); bound != state.bindings.end()) return bound->second;
  // A closure's copy of a handle, and the closure was not made here: there may be several of its kind.
  if (isa_and_nonnull<FieldDecl>(place.root)) return kUntracked;
  for (const Place& outer : overwritten_) {
    if (place.is_within(outer)) return kUntracked;
  }
  const auto [entry, is_new] = entry_objects_.try_emplace(id, ObjectId(object_count_));
  if (is_new) {
    ++object_count_;
    entry_places_.emplace(entry->second, place);
  }
  return entry->second;
}

/// The channel that `value` yields when it is stored in `target`.
ObjectId FunctionFlow::evaluate(State& state, const Expr* value, const Place& target, const Stmt& at) {
  const std::optional<Place> source = value != nullptr ? place_of(value) : std::nullopt;
  if (!source || *source == target) return make_object(state, at, target);
  const ObjectId object = lookup(state, *source);
  for (const Expr* inner = value; inner != nullptr;) {
    const Expr* bare_inner = bare(inner);
    if (const auto* call = dyn_cast<CallExpr>(bare_inner); call != nullptr && is_move_call(*call)) {
      bind(state, *source, make_object(state, at, *source));  // What was moved from is nil.
      break;
    }
    const auto* made = dyn_cast<CXXConstructExpr>(bare_inner);
    const auto* temporary = dyn_cast<MaterializeTemporaryExpr>(bare_inner);
    inner = made != nullptr && made->getNumArgs() >= 1 ? made->getArg(0)
            : temporary != nullptr                     ? temporary->getSubExpr()
                                                       : nullptr;
  }
  return object;
}

ObjectId FunctionFlow::make_object(State& state, const Stmt& at, const Place& target) {
  const auto [entry, is_new] = made_.try_emplace({&at, target}, ObjectId(object_count_));
  if (is_new) ++object_count_;
  const ObjectId object = entry->second;
  for (auto& [place, bound] : state.bindings) {
    if (bound == object) bound = kUntracked;  // (4): what was made here in an earlier round.
  }
  state.channels.erase(object);
  return object;
}

void FunctionFlow::bind(State& state, const Place& place, ObjectId object) {
  if (!is_untracked(place)) state.bindings[intern(place)] = object;
}

/// Whatever lies inside `prefix` has been replaced by something unknown.
void FunctionFlow::forget(State& state, const Place& prefix, const Stmt& at) {
  for (std::size_t i = 0; i < places_.size(); ++i) {
    const Place place = places_[i];
    if (place.is_within(prefix)) bind(state, place, make_object(state, at, place));
  }
  if (std::find(overwritten_.begin(), overwritten_.end(), prefix) == overwritten_.end()) overwritten_.push_back(prefix);
}

/// Other code has run that may have assigned to whatever it can reach.
void FunctionFlow::forget_shared(State& state, const Stmt& at) {
  for (std::size_t i = 0; i < places_.size(); ++i) {
    const Place place = places_[i];
    if (!is_shared(place)) continue;
    const auto bound = state.bindings.find(PlaceId(i));
    const bool is_known = bound != state.bindings.end() || entry_objects_.contains(PlaceId(i));
    if (is_known) bind(state, place, make_object(state, at, place));
  }
  forget_shared_numbers(state);
  // The cases of a select may have been made long before it.
  for (const Place& place : select_targets_) {
    forget(state, place, at);
    forget_numbers(state, place);
  }
}

void FunctionFlow::add_write(const Place& place) {
  if (!outlives_function(place)) return;
  const auto* parameter = dyn_cast_or_null<ParmVarDecl>(place.root);
  const bool is_copy = parameter != nullptr && parameter->getDeclContext() == function_ &&
                       !parameter->getType()->isReferenceType() && !parameter->getType()->isPointerType();
  std::vector<Place>& writes = facts_.summary.writes;
  if (!is_copy && std::find(writes.begin(), writes.end(), place) == writes.end()) writes.push_back(place);
}

void FunctionFlow::declare(State& state, const VarDecl& variable) {
  const Place place{cast<ValueDecl>(variable.getCanonicalDecl()), {}};
  const Stmt& at =
      variable.getInit() != nullptr ? *static_cast<const Stmt*>(variable.getInit()) : *function_->getBody();
  if (!variable.hasLocalStorage()) return;
  if (const auto* parts = dyn_cast<DecompositionDecl>(&variable)) {
    for (const BindingDecl* part : parts->bindings()) {
      const Place part_place{cast<ValueDecl>(part->getCanonicalDecl()), {}};
      bind(state, part_place, make_object(state, at, part_place));
      forget(state, part_place, at);
      forget_numbers(state, part_place);
    }
    return;
  }
  if (variable.getType()->isReferenceType() && place_of(&variable) != place) return;  // Another name.
  initialise(state, place, variable.getType(), variable.getInit(), at);
}

void FunctionFlow::initialise(State& state, const Place& place, QualType type, const Expr* value, const Stmt& at) {
  if (is_handle(type) && !type->isPointerType()) {
    if (!type->isReferenceType()) {
      bind(state, place, evaluate(state, value, place, at));
    } else {
      bind(state, place, make_object(state, at, place));
    }
    return;
  }
  forget_numbers(state, place);
  if (is_number(type)) {
    set_number(state, place, value != nullptr ? number_of(state, value) : std::nullopt);
    return;
  }
  const std::optional<Place> source = value != nullptr ? place_of(value) : std::nullopt;
  // What the source holds is read before the target is replaced: they may overlap (`p = p->next`).
  std::vector<std::pair<Place, ObjectId>> copied;
  if (source) {
    for (std::size_t i = 0; i < places_.size(); ++i) {
      if (!places_[i].is_within(*source) || places_[i] == *source) continue;
      Place inner = place;
      inner.fields.insert(inner.fields.end(),
                          places_[i].fields.begin() + static_cast<std::ptrdiff_t>(source->fields.size()),
                          places_[i].fields.end());
      copied.emplace_back(inner, lookup(state, Place(places_[i])));
    }
  }
  forget(state, place, at);
  for (const auto& [inner, object] : copied) bind(state, inner, object);

  const auto* list = value != nullptr ? dyn_cast<InitListExpr>(strip(value)) : nullptr;
  const CXXRecordDecl* record = type->getAsCXXRecordDecl();
  if (list == nullptr || record == nullptr || record->isUnion() || record->getNumBases() != 0) return;
  unsigned index = 0;
  for (const FieldDecl* field : record->fields()) {
    if (index >= list->getNumInits()) break;
    initialise(state, place.member(field->getCanonicalDecl()), field->getType(), list->getInit(index),
               *list->getInit(index));
    ++index;
  }
}

void FunctionFlow::assign(State& state, const Expr* target, const Expr* value, const Stmt& at) {
  const std::optional<Place> place = place_of(target);
  if (!place) return;
  add_write(*place);
  initialise(state, *place, target->getType().getNonReferenceType(), value, at);
}

void FunctionFlow::mark_closed(State& state, ObjectId object, const Site& site, Closed how) {
  if (object == kUntracked) return;
  ChannelState& channel = state.channels[object];
  if (channel.closed == Closed::kYes) return;
  if (channel.closed != Closed::kNo && how != Closed::kYes) return;
  channel.closed = how;
  channel.closed_at = intern(site);
  channel.closed_in = current_->getBlockID();
  channel.conditional = how == Closed::kMaybe;
  channel.doubts.clear();
}

void FunctionFlow::mark_received(State& state, ObjectId object, const Site& site, bool in_select) {
  if (object == kUntracked) {
    state.joined = state.joined || !in_select;  // Perhaps what the others send when they are done.
    return;
  }
  ChannelState& channel = state.channels[object];
  if (channel.received_at == kNoSite) channel.received_at = intern(site);
  channel.waited_on = channel.waited_on || !in_select;
}

// --- numbers and conditions

std::optional<Number> FunctionFlow::number_of(const State& state, const Expr* expr) const {
  if (expr == nullptr || expr->isValueDependent() || expr->getType().isNull() || !is_number(expr->getType())) {
    return std::nullopt;
  }
  expr = bare(expr);
  if (const std::optional<Place> place = place_of(expr)) {
    const auto id = place_ids_.find(*place);
    const auto known = id != place_ids_.end() ? state.numbers.find(id->second) : state.numbers.end();
    if (known != state.numbers.end()) return known->second;
  }
  if (const auto* negation = dyn_cast<UnaryOperator>(expr); negation != nullptr && negation->getOpcode() == UO_LNot) {
    const std::optional<Number> operand = number_of(state, negation->getSubExpr());
    if (operand) return Number{operand->value == 0, 0};
    return std::nullopt;
  }
  if (const auto* binary = dyn_cast<BinaryOperator>(expr); binary != nullptr && binary->isComparisonOp()) {
    const std::optional<Number> left = number_of(state, binary->getLHS());
    const std::optional<Number> right = number_of(state, binary->getRHS());
    if (!left || !right) return std::nullopt;
    switch (binary->getOpcode()) {
      case BO_EQ:
        return Number{left->value == right->value, 0};
      case BO_NE:
        return Number{left->value != right->value, 0};
      case BO_LT:
        return Number{left->value < right->value, 0};
      case BO_LE:
        return Number{left->value <= right->value, 0};
      case BO_GT:
        return Number{left->value > right->value, 0};
      case BO_GE:
        return Number{left->value >= right->value, 0};
      default:
        return std::nullopt;
    }
  }
  Expr::EvalResult constant;
  if (!expr->EvaluateAsInt(constant, program_.context())) return std::nullopt;
  const std::optional<std::int64_t> value = constant.Val.getInt().trySExtValue();
  if (!value) return std::nullopt;
  return Number{*value, 0};
}

void FunctionFlow::set_number(State& state, const Place& place, std::optional<Number> number) {
  forget_numbers(state, place);
  if (number && number->steps <= kMaxSteps && !is_untracked(place)) state.numbers[intern(place)] = *number;
}

void FunctionFlow::forget_numbers(State& state, const Place& prefix) {
  std::erase_if(state.numbers,
                [&](const auto& known) { return places_[static_cast<unsigned>(known.first)].is_within(prefix); });
  std::erase_if(state.conditions, [&](const auto& decided) {
    const std::vector<Place>& parts = condition_parts_[static_cast<unsigned>(decided.first)].places;
    return std::any_of(parts.begin(), parts.end(), [&](const Place& part) { return part.is_within(prefix); });
  });
}

void FunctionFlow::forget_shared_numbers(State& state) {
  std::erase_if(state.numbers,
                [&](const auto& known) { return is_shared(places_[static_cast<unsigned>(known.first)]); });
  std::erase_if(state.conditions,
                [&](const auto& decided) { return condition_parts_[static_cast<unsigned>(decided.first)].shared; });
}

/// The identity of a condition made of variables, fields and constants only; and whether it is the negation of it:
/// `a != b` is the negation of `a == b`. nullopt if asking twice may give two answers.
std::optional<std::pair<ConditionId, bool>> FunctionFlow::condition_of(const Expr* expr) {
  expr = bare(expr);
  ConditionParts parts;
  std::vector<const Stmt*> rest{expr};
  while (!rest.empty()) {
    const Stmt* part = rest.back();
    rest.pop_back();
    if (!isa<DeclRefExpr, MemberExpr, CXXThisExpr, CastExpr, ParenExpr, IntegerLiteral, CXXBoolLiteralExpr,
             CharacterLiteral, FloatingLiteral, CXXNullPtrLiteralExpr, ConstantExpr>(part)) {
      const auto* unary = dyn_cast<UnaryOperator>(part);
      const auto* binary = dyn_cast<BinaryOperator>(part);
      const bool is_pure =
          (unary != nullptr && !unary->isIncrementDecrementOp()) || (binary != nullptr && !binary->isAssignmentOp());
      if (!is_pure) return std::nullopt;
    }
    if (isa<DeclRefExpr, MemberExpr>(part)) {
      const std::optional<Place> place = place_of(cast<Expr>(part));
      if (place) {
        if (is_untracked(*place)) return std::nullopt;
        parts.places.push_back(*place);
        parts.shared = parts.shared || is_shared(*place);
      } else if (const auto* name = dyn_cast<DeclRefExpr>(part);
                 name == nullptr || !isa<EnumConstantDecl>(name->getDecl())) {
        return std::nullopt;
      }
    }
    for (const Stmt* child : part->children()) {
      if (child != nullptr) rest.push_back(child);
    }
  }
  llvm::FoldingSetNodeID key;
  bool negated = false;
  const auto* binary = dyn_cast<BinaryOperator>(expr);
  if (binary != nullptr && binary->isComparisonOp() && binary->getLHS()->getType()->isIntegralOrEnumerationType()) {
    BinaryOperatorKind opcode = binary->getOpcode();
    negated = opcode == BO_NE || opcode == BO_GE || opcode == BO_LE;
    if (negated) opcode = BinaryOperator::negateComparisonOp(opcode);
    key.AddInteger(static_cast<unsigned>(opcode));
    binary->getLHS()->Profile(key, program_.context(), true);
    binary->getRHS()->Profile(key, program_.context(), true);
  } else {
    expr->Profile(key, program_.context(), true);
  }
  const auto [entry, is_new] = condition_ids_.try_emplace(key, ConditionId(condition_parts_.size()));
  if (is_new) condition_parts_.push_back(std::move(parts));
  return std::pair{entry->second, negated};
}

std::optional<bool> FunctionFlow::truth_of(const State& state, const Expr* condition) {
  condition = bare(condition);
  if (const auto* negation = dyn_cast<UnaryOperator>(condition);
      negation != nullptr && negation->getOpcode() == UO_LNot) {
    const std::optional<bool> operand = truth_of(state, negation->getSubExpr());
    return operand ? std::optional(!*operand) : std::nullopt;
  }
  if (const std::optional<Number> number = number_of(state, condition)) return number->value != 0;
  const auto id = condition_of(condition);
  if (!id) return std::nullopt;
  const auto decided = state.conditions.find(id->first);
  if (decided == state.conditions.end()) return std::nullopt;
  return decided->second != id->second;
}

/// From here on, this path knows that `condition` is `truth`.
void FunctionFlow::assume(State& state, const Expr* condition, bool truth) {
  condition = bare(condition);
  if (const auto* negation = dyn_cast<UnaryOperator>(condition);
      negation != nullptr && negation->getOpcode() == UO_LNot) {
    assume(state, negation->getSubExpr(), !truth);
    return;
  }
  const auto* binary = dyn_cast<BinaryOperator>(condition);
  if (binary != nullptr && (binary->getOpcode() == BO_EQ || binary->getOpcode() == BO_NE) &&
      truth == (binary->getOpcode() == BO_EQ)) {
    for (const auto& [side, other] :
         {std::pair{binary->getLHS(), binary->getRHS()}, {binary->getRHS(), binary->getLHS()}}) {
      const std::optional<Place> place = place_of(side);
      const std::optional<Number> value = number_of(state, other);
      if (place && value && is_number(side->getType())) {
        set_number(state, *place, value);
        return;
      }
    }
  }
  if (const auto id = condition_of(condition)) state.conditions[id->first] = truth != id->second;
}

}  // namespace csp::lint
