// What the elements of a block do: operations on channels, calls, captures, ends of scopes.
#include <algorithm>

#include "clang/AST/StmtCXX.h"
#include "clang/Basic/SourceManager.h"
#include "engine/function_flow.h"

namespace csp::lint {
namespace {

using namespace clang;

bool may_assign(QualType type) {
  if (type->isPointerType()) return !type->getPointeeType().isConstQualified();
  return type->isLValueReferenceType() && !type.getNonReferenceType().isConstQualified();
}

std::string name_of(const std::optional<Place>& place) { return place ? place->name() : ""; }

}  // namespace

void FunctionFlow::visit(State& state, const CFGElement& element) {
  if (const auto stmt = element.getAs<CFGStmt>()) {
    visit(state, *stmt->getStmt());
  } else if (const auto end = element.getAs<CFGAutomaticObjDtor>()) {
    if (end->getVarDecl() != nullptr) leave_scope(state, *end->getVarDecl());
  } else if (const auto init = element.getAs<CFGInitializer>()) {
    const CXXCtorInitializer* initializer = init->getInitializer();
    if (initializer == nullptr || !initializer->isMemberInitializer() || initializer->getInit() == nullptr) return;
    const FieldDecl* field = initializer->getMember();
    initialise(state, Place{}.member(field->getCanonicalDecl()), field->getType(), initializer->getInit(),
               *initializer->getInit());
  }
}

void FunctionFlow::visit(State& state, const Stmt& stmt) {
  if (const auto* declaration = dyn_cast<DeclStmt>(&stmt)) {
    for (const Decl* decl : declaration->decls()) {
      if (const auto* variable = dyn_cast<VarDecl>(decl)) declare(state, *variable);
    }
  } else if (const auto* binary = dyn_cast<BinaryOperator>(&stmt)) {
    if (binary->getOpcode() == BO_Assign) {
      assign(state, binary->getLHS(), binary->getRHS(), stmt);
    } else if (binary->isCompoundAssignmentOp()) {
      if (const std::optional<Place> place = place_of(binary->getLHS())) {
        forget(state, *place, stmt);  // A pointer moves on to another channel.
        forget_numbers(state, *place);
      }
    }
  } else if (const auto* unary = dyn_cast<UnaryOperator>(&stmt)) {
    const std::optional<Place> place = place_of(unary->getSubExpr());
    if (!unary->isIncrementDecrementOp() || !place) return;
    std::optional<Number> number = number_of(state, unary->getSubExpr());
    if (number) *number = {number->value + (unary->isIncrementOp() ? 1 : -1), number->steps + 1};
    if (unary->getType()->isPointerType()) forget(state, *place, stmt);
    set_number(state, *place, number);
  } else if (const auto* lambda = dyn_cast<LambdaExpr>(&stmt)) {
    capture(state, *lambda);
  } else if (const auto* made = dyn_cast<CXXConstructExpr>(&stmt)) {
    construct(state, *made);
  } else if (const auto* calls = dyn_cast<CallExpr>(&stmt)) {
    call(state, *calls);
  }
}

/// A closure's copies of handles: each is a place, named by the closure's field.
void FunctionFlow::capture(State& state, const LambdaExpr& lambda) {
  const CXXRecordDecl* record = lambda.getLambdaClass();
  if (record == nullptr) return;
  auto field = record->field_begin();
  auto init = lambda.capture_init_begin();
  for (const LambdaCapture& captured : lambda.captures()) {
    if (field == record->field_end() || init == lambda.capture_init_end()) return;
    if (captured.capturesVariable() && captured.getCaptureKind() == LCK_ByCopy && is_handle(field->getType()) &&
        *init) {
      const Place place{*field, {}};
      bind(state, place, evaluate(state, *init, place, lambda));
    }
    ++field;
    ++init;
  }
}

void FunctionFlow::leave_scope(State& state, const VarDecl& variable) {
  const Expr* init = variable.getInit() != nullptr ? strip(variable.getInit()) : nullptr;
  const auto* made_by = dyn_cast_or_null<CallExpr>(init);
  if (made_by != nullptr && classify(*made_by).api == Api::kDefer) {
    apply(state, resolve(made_by->getArg(0), {}), Mode::kCallInPlace, *made_by);
    return;
  }
  const QualType type = variable.getType();
  const CXXRecordDecl* record = type->isReferenceType() ? nullptr : type->getAsCXXRecordDecl();
  if (record == nullptr || !record->hasDefinition() || init == nullptr) return;
  const CXXDestructorDecl* destructor = record->getDestructor();
  if (program_.facts(destructor) == nullptr) return;
  Callable callable;
  callable.function = destructor;
  callable.object = place_of(&variable);
  apply(state, callable, Mode::kNamedCall, *init);
}

void FunctionFlow::call(State& state, const CallExpr& call) {
  const ApiCall api = classify(call);
  switch (api.api) {
    case Api::kSend:
    case Api::kSelectSend:
    case Api::kReceive:
    case Api::kSelectRecv:
    case Api::kClose:
      channel_call(state, call, api);
      return;
    case Api::kMakeChan:
    case Api::kObserve:
    case Api::kDefer:
      return;
    case Api::kSpawn:
    case Api::kCallNow: {
      if (api.callable >= call.getNumArgs()) return;
      const std::vector<const Expr*> arguments(call.arg_begin() + api.callable + 1, call.arg_end());
      const Mode mode = api.api == Api::kSpawn ? Mode::kSpawn : Mode::kCallInPlace;
      apply(state, resolve(call.getArg(api.callable), arguments), mode, call);
      return;
    }
    case Api::kJoin:
      state.joined = true;
      if (collecting_) facts_.summary.joins = true;
      forget_shared(state, call);
      return;
    case Api::kCallOnce:
    case Api::kOther:
      forget_shared(state, call);
      return;
    case Api::kNone:
      break;
  }
  if (is_identity_call(call)) return;

  const FunctionDecl* callee = call.getDirectCallee();
  std::vector<const Expr*> arguments(call.arg_begin(), call.arg_end());
  const auto* operation = dyn_cast<CXXOperatorCallExpr>(&call);
  if (operation != nullptr && operation->isAssignmentOp() && arguments.size() == 2) {
    assign(state, arguments[0], arguments[1], call);
    return;
  }
  Callable callable;
  const auto* method = dyn_cast_or_null<CXXMethodDecl>(callee);
  const Expr* object = nullptr;
  if (const auto* member = dyn_cast<CXXMemberCallExpr>(&call)) {
    object = member->getImplicitObjectArgument();
  } else if (operation != nullptr && method != nullptr && !method->isStatic() && !arguments.empty()) {
    object = arguments.front();
    arguments.erase(arguments.begin());
  }
  callable.function = callee;
  callable.object = object != nullptr ? place_of(object) : std::nullopt;
  callable.arguments = arguments;
  if (method != nullptr && method->getParent()->isLambda()) callable.lambda = program_.lambda_of(method->getParent());
  // A virtual function may be another one at run time.
  const bool is_certain = method == nullptr || !method->isVirtual() || method->hasAttr<FinalAttr>();
  if (callee != nullptr && is_certain && program_.facts(callee) != nullptr) {
    apply(state, callable, callable.lambda != nullptr ? Mode::kCallInPlace : Mode::kNamedCall, call);
  } else {
    unknown_call(state, callee, arguments, callable.object, call);
  }
}

void FunctionFlow::construct(State& state, const CXXConstructExpr& made) {
  const CXXConstructorDecl* constructor = made.getConstructor();
  if (constructor == nullptr || is_handle(made.getType()) || in_csp(*constructor)) return;
  const std::vector<const Expr*> arguments(made.arg_begin(), made.arg_end());
  const CXXRecordDecl* record = constructor->getParent();
  const bool is_thread = record->isInStdNamespace() && record->getIdentifier() != nullptr &&
                         (record->getName() == "thread" || record->getName() == "jthread");
  if (is_thread && !constructor->isCopyOrMoveConstructor() && !arguments.empty()) {
    apply(state, resolve(arguments[0], llvm::ArrayRef(arguments).drop_front()), Mode::kSpawn, made);
    return;
  }
  if (program_.facts(constructor) != nullptr) {
    Callable callable;
    callable.function = constructor;
    callable.arguments = arguments;
    apply(state, callable, Mode::kNamedCall, made);
  } else if (!constructor->isImplicit() && !constructor->isDefaulted()) {
    unknown_call(state, constructor, arguments, std::nullopt, made);
  }
}

void FunctionFlow::channel_call(State& state, const CallExpr& call, const ApiCall& api) {
  const std::optional<Place> place = place_of(api.channel);
  const ObjectId object = place ? lookup(state, *place) : kUntracked;
  const SourceLocation where = call.getExprLoc();
  const bool in_select = api.api == Api::kSelectSend || api.api == Api::kSelectRecv;
  const bool receives = api.api == Api::kReceive || api.api == Api::kSelectRecv;
  const Op op = receives ? Op::kReceive : api.api == Api::kClose ? Op::kClose : in_select ? Op::kSelectSend : Op::kSend;
  const Site site{where, {}, {}};
  const auto same = [&](const ChannelOp& known) { return known.where == where; };
  if (collecting_ && place && std::none_of(facts_.ops.begin(), facts_.ops.end(), same)) {
    facts_.ops.push_back({*place, op, loops_around(call), where});
  }
  if (api.api == Api::kSelectRecv) {
    for (unsigned i = 1; i < call.getNumArgs(); ++i) {
      const std::optional<Place> target = place_of(call.getArg(i));
      if (!target) continue;
      add_write(*target);
      forget(state, *target, call);
      forget_numbers(state, *target);
      if (std::find(select_targets_.begin(), select_targets_.end(), *target) == select_targets_.end()) {
        select_targets_.push_back(*target);
      }
    }
  }
  if (receives) {
    mark_received(state, object, site, in_select);
    if (collecting_) check(state, object, {op, site, name_of(place), Certainty::kAlways, certainty_of(call)});
    return;
  }
  Operation operation{op, site, name_of(place), Certainty::kAlways, certainty_of(call)};
  // A select may take another case.
  if (in_select) operation.certainty = Certainty::kPerRound;
  operation.panic_expected = panic_expected(call);
  operation.at = where;
  check(state, object, operation);
  if (op != Op::kClose) return;

  const auto channel = state.channels.find(object);
  const bool waited_elsewhere = std::any_of(state.channels.begin(), state.channels.end(), [&](const auto& other) {
    return other.first != object && other.second.waited_on;
  });
  if (collecting_ && place && channel != state.channels.end() && channel->second.received_at != kNoSite &&
      channel->second.closed == Closed::kNo && !state.joined && !waited_elsewhere && !operation.panic_expected &&
      !carries_nothing(api.channel->getType())) {
    const SourceLocation receive = sites_[static_cast<unsigned>(channel->second.received_at)].where;
    const auto known = [&](const CloseAfterReceive& close) { return close.close == where; };
    auto& closes = facts_.closes_after_receive;
    if (std::none_of(closes.begin(), closes.end(), known)) closes.push_back({*place, place->name(), where, receive});
  }
  mark_closed(state, object, site, Closed::kYes);
}

/// Writes down what one disjunct says of an operation; and, for the callers, that this function does it.
void FunctionFlow::check(const State& state, ObjectId object, const Operation& operation) {
  if (!collecting_ || object == kUntracked) return;
  const auto entry = state.channels.find(object);
  const ChannelState channel = entry != state.channels.end() ? entry->second : ChannelState{};
  const bool applies =
      channel.closed == Closed::kElsewhere ? operation.op == Op::kClose : channel.closed != Closed::kNo;

  if (operation.op != Op::kReceive && operation.certainty != Certainty::kMaybe && !operation.panic_expected) {
    const auto raw = [](SourceLocation where) { return where.getRawEncoding(); };
    Tally& tally = tallies_[{operation.op, raw(operation.site.where), raw(operation.at), operation.channel}];
    const bool is_sample = applies && (tally.closed == 0 && (channel.doubts.empty() || tally.doubtful == 0));
    if (is_sample) {
      tally.use = {operation.op,   operation.certainty == Certainty::kAlways,        operation.channel,
                   operation.site, sites_[static_cast<unsigned>(channel.closed_at)], operation.other_goroutine};
      if (channel.closed == Closed::kElsewhere) {
        tally.use.certain = false;
        tally.use.other_goroutine = true;
      }
    }
    if (applies) ++(channel.doubts.empty() ? tally.closed : tally.doubtful);
    if (!applies || channel.closed == Closed::kMaybe) ++tally.open;
  }

  const auto place = entry_places_.find(object);
  if (place == entry_places_.end() || (channel.closed == Closed::kYes && operation.op != Op::kReceive)) return;
  if (!outlives_function(place->second)) return;
  std::vector<Use>& uses = facts_.summary.uses;
  const auto same = [&](const Use& use) {
    return use.place == place->second && use.op == operation.op && use.site.where == operation.site.where;
  };
  if (std::any_of(uses.begin(), uses.end(), same)) return;
  Certainty certainty = std::min(operation.certainty, operation.reached);
  if (operation.panic_expected) certainty = Certainty::kMaybe;
  uses.push_back({place->second, operation.op, certainty, operation.site});
}

FunctionFlow::Callable FunctionFlow::resolve(const Expr* expr, llvm::ArrayRef<const Expr*> arguments) const {
  Callable callable;
  callable.arguments.assign(arguments.begin(), arguments.end());
  const Expr* inner = strip(expr);
  if (const CXXRecordDecl* record = inner->getType()->getAsCXXRecordDecl(); record != nullptr && record->isLambda()) {
    callable.lambda = program_.lambda_of(record);
    if (callable.lambda == nullptr) return {};
    callable.function = record->getLambdaCallOperator();
    if (callable.lambda->isGenericLambda()) {
      // Which instance is called is decided inside of csp; take it if there is no choice.
      const FunctionTemplateDecl* family = callable.lambda->getDependentCallOperator();
      callable.function = nullptr;
      unsigned count = 0;
      for (const FunctionDecl* instance : family->specializations()) {
        callable.function = instance;
        ++count;
      }
      if (count != 1) return {};
    }
    return callable;
  }
  if (const auto* address = dyn_cast<UnaryOperator>(inner)) inner = strip(address->getSubExpr());
  const auto* name = dyn_cast<DeclRefExpr>(inner);
  callable.function = name != nullptr ? dyn_cast<FunctionDecl>(name->getDecl()) : nullptr;
  const auto* method = dyn_cast_or_null<CXXMethodDecl>(callable.function);
  if (method != nullptr && !method->isStatic()) {
    // As std::invoke: the first argument is the object.
    if (callable.arguments.empty() || method->isVirtual()) return {};
    callable.object = place_of(callable.arguments.front());
    callable.arguments.erase(callable.arguments.begin());
  }
  return callable;
}

/// The effect of a callee on the caller's channels.
void FunctionFlow::apply(State& state, const Callable& callable, Mode mode, const Stmt& at) {
  const FunctionFacts* callee = program_.facts(callable.function);
  if (callee == nullptr) {
    if (mode != Mode::kSpawn) unknown_call(state, callable.function, callable.arguments, callable.object, at);
    return;
  }
  const auto* expr = dyn_cast<Expr>(&at);
  const SourceLocation where = expr != nullptr ? expr->getExprLoc() : at.getBeginLoc();
  // A lambda stands where it runs: its own lines are shown. A function is shown by the call.
  const std::string name = callable.lambda == nullptr ? callee->function->getNameAsString() : "";
  const auto seen_from_here = [&](const Site& site) {
    if (callable.lambda != nullptr && site.call.isInvalid()) return Site{site.where, {}, {}, site.drained};
    return Site{site.where, callable.lambda != nullptr ? site.call : where,
                callable.lambda != nullptr ? site.callee : name, site.drained};
  };
  if (collecting_) {
    CallSite site{callee->function, callable.lambda, {}, mode == Mode::kSpawn, loops_around(at), where};
    for (const Expr* argument : callable.arguments) site.arguments.push_back(place_of(argument));
    facts_.calls.push_back(std::move(site));
  }

  const bool handled = panic_expected(at);
  for (const Use& use : callee->summary.uses) {
    const std::optional<Place> place = in_caller(use.place, callable);
    if (!place) continue;
    const ObjectId object = lookup(state, *place);
    if (use.op == Op::kReceive) {
      if (mode != Mode::kSpawn) mark_received(state, object, seen_from_here(use.site), false);
      continue;
    }
    Operation operation{use.op, seen_from_here(use.site), use.place.name(), use.certainty, certainty_of(at)};
    if (callable.lambda == nullptr) operation.channel = place->name();
    operation.panic_expected = handled;
    operation.other_goroutine = mode == Mode::kSpawn;
    operation.at = where;
    check(state, object, operation);
  }
  for (const Closing& closing : callee->summary.closings) {
    const std::optional<Place> place = in_caller(closing.place, callable);
    if (!place) continue;
    const bool always = closing.certainty == Certainty::kAlways;
    // A goroutine that ranges over a channel waits for the close by somebody else.
    if (mode == Mode::kSpawn && (!always || closing.site.drained)) continue;
    const Closed how = mode == Mode::kSpawn ? Closed::kElsewhere : always ? Closed::kYes : Closed::kMaybe;
    mark_closed(state, lookup(state, *place), seen_from_here(closing.site), how);
  }
  if (mode == Mode::kSpawn) return;
  state.joined = state.joined || callee->summary.joins;
  for (const Place& written : callee->summary.writes) {
    const std::optional<Place> place = in_caller(written, callable);
    if (!place) continue;
    forget(state, *place, at);
    forget_numbers(state, *place);
    add_write(*place);
  }
  if (callee->summary.runs_unknown_code) {
    forget_shared(state, at);
    if (collecting_) facts_.summary.runs_unknown_code = true;
  }
  forget_shared_numbers(state);
}

/// Code that we do not see does nothing bad to a channel, but it may assign to whatever it is given by reference,
/// and to whatever it can find by itself.
void FunctionFlow::unknown_call(State& state, const FunctionDecl* callee, llvm::ArrayRef<const Expr*> arguments,
                                const std::optional<Place>& object, const Stmt& at) {
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const bool has_parameter = callee != nullptr && i < callee->getNumParams();
    const QualType type =
        has_parameter ? callee->getParamDecl(static_cast<unsigned>(i))->getType() : arguments[i]->getType();
    if (!may_assign(type)) continue;
    const std::optional<Place> place = place_of(arguments[i]);
    if (!place || (place->root == nullptr && place->fields.empty())) continue;
    forget(state, *place, at);
    forget_numbers(state, *place);
    add_write(*place);
  }
  const auto* method = dyn_cast_or_null<CXXMethodDecl>(callee);
  const bool is_library =
      callee != nullptr && program_.context().getSourceManager().isInSystemHeader(callee->getLocation());
  if (method != nullptr && !method->isConst() && object && !(object->root == nullptr && object->fields.empty())) {
    // `v.push_back(x)` changes v, not what v's fields were named; `p.reset()` makes p->ch another place.
    forget(state, *object, at);
    forget_numbers(state, *object);
    add_write(*object);
  }
  // The standard library runs no code of ours, except what it is given; and that is seen where it is written
  // (Program::written_outside).
  if (is_library) return;
  if (collecting_) facts_.summary.runs_unknown_code = true;
  forget_shared(state, at);
}

std::optional<Place> FunctionFlow::in_caller(const Place& place, const Callable& callable) const {
  const auto inside = [&](std::optional<Place> base) {
    if (base) base->fields.insert(base->fields.end(), place.fields.begin(), place.fields.end());
    return base;
  };
  if (place.root == nullptr) return callable.lambda != nullptr ? place : inside(callable.object);
  const auto* variable = dyn_cast<VarDecl>(place.root);
  if (variable == nullptr) return std::nullopt;
  if (!variable->hasLocalStorage()) return place;
  if (const auto* parameter = dyn_cast<ParmVarDecl>(variable);
      parameter != nullptr && parameter->getDeclContext() == callable.function->getDefinition()) {
    const unsigned index = parameter->getFunctionScopeIndex();
    return index < callable.arguments.size() ? inside(place_of(callable.arguments[index])) : std::nullopt;
  }
  if (callable.lambda == nullptr) return std::nullopt;
  auto field = callable.lambda->getLambdaClass()->field_begin();
  for (const LambdaCapture& captured : callable.lambda->captures()) {
    if (captured.capturesVariable() && captured.getCapturedVar()->getCanonicalDecl() == variable->getCanonicalDecl()) {
      const bool is_copy = captured.getCaptureKind() == LCK_ByCopy;
      if (is_copy && is_handle(field->getType()) && place.fields.empty()) return Place{*field, {}};
      if (variable->isInitCapture()) return inside(place_of(cast<VarDecl>(variable)->getInit()));
      return place;
    }
    ++field;
  }
  return std::nullopt;
}

}  // namespace csp::lint
