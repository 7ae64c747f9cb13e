/// A place: where a value is found, as an access path. `ch`, `this->jobs_`, `pool.stages.out`.
///
/// Pointers, smart pointers and references are seen through: `p->ch`, `(*p).ch` and `r.ch` have the form
/// root + fields. Elements of containers and results of calls are no places: nothing is known of them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "clang/AST/Decl.h"
#include "clang/AST/Expr.h"

namespace csp::lint {

struct Place {
  const clang::ValueDecl* root = nullptr;  // Null: `this`.
  std::vector<const clang::FieldDecl*> fields;

  Place member(const clang::FieldDecl* field) const;
  /// True if this place lies inside `outer`, or is it.
  bool is_within(const Place& outer) const;
  /// As a reader would write it.
  std::string name() const;

  friend bool operator==(const Place&, const Place&) = default;
  friend auto operator<=>(const Place&, const Place&) = default;
};

/// The place that `expr` denotes, or whose value it copies; nullopt if it is none.
std::optional<Place> place_of(const clang::Expr* expr);

/// The place of a variable: itself, or what it refers to if it is a reference that names another place.
std::optional<Place> place_of(const clang::ValueDecl* variable);

/// `expr` without parentheses, conversions, temporaries, and copies of handles.
const clang::Expr* strip(const clang::Expr* expr);

}  // namespace csp::lint
