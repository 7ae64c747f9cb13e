/// What is known at one point of one path through a function: a disjunct.
///
/// Invariants
///   (1) An object is a channel, not a variable: handles that were copied from each other are bound to one
///       object, and closing any of them closes it. A closed object stays closed.
///   (2) A place without a binding holds the object it held when the function was entered.
///   (3) kUntracked has no state: nothing is ever reported of it.
///   (4) An object made at a statement is the one made there last; places that hold an earlier one become
///       untracked (see FunctionFlow::make_object).
#pragma once

#include <cstdint>
#include <map>
#include <set>

#include "clang/Basic/SourceLocation.h"
#include "engine/summary.h"

namespace csp::lint {

enum class PlaceId : unsigned {};
enum class ObjectId : unsigned {};
enum class ConditionId : unsigned {};
enum class SiteId : unsigned {};

constexpr ObjectId kUntracked{0};
constexpr SiteId kNoSite{0};

/// Whether a channel is closed, on one path.
enum class Closed {
  kNo,  // Not that we know.
  kYes,
  kMaybe,      // A function was called that closes it under a condition.
  kElsewhere,  // A goroutine was started that closes it, sooner or later.
};

struct ChannelState {
  Closed closed = Closed::kNo;
  SiteId closed_at = kNoSite;
  unsigned closed_in = 0;  // The CFG block that did it.
  // Not every path to this point has closed it, so a later condition may stand for "is it closed?".
  bool conditional = false;
  // Such conditions, as blocks of the CFG: undecided branches taken since. Forgotten where the branches meet again.
  std::set<unsigned> doubts;

  SiteId received_at = kNoSite;  // The first receive on this path.
  bool waited_on = false;        // Received from outside of a select: somebody has reached a send or a close.

  friend bool operator==(const ChannelState&, const ChannelState&) = default;
};

/// A small known integer, flag or enumerator. `steps` bounds how often it is computed on with ++, so that a
/// counting loop is followed for a few rounds and then forgotten.
struct Number {
  std::int64_t value = 0;
  unsigned steps = 0;

  friend bool operator==(const Number&, const Number&) = default;
};

struct State {
  std::map<PlaceId, ObjectId> bindings;
  std::map<ObjectId, ChannelState> channels;
  std::map<PlaceId, Number> numbers;
  std::map<ConditionId, bool> conditions;  // Conditions that this path has decided, until a part of them changes.
  bool joined = false;                     // Other goroutines may have been waited for.

  friend bool operator==(const State&, const State&) = default;
};

}  // namespace csp::lint
