/// What a check hands over: plain data, in source locations of the translation unit at hand.
#pragma once

#include <string>
#include <vector>

#include "clang/Basic/SourceLocation.h"

namespace csp::lint {

enum class Level {
  kWarning,  // Goes wrong on some of the paths that get here.
  kError,    // Every execution that gets here goes wrong.
};

struct Note {
  clang::SourceLocation where;
  std::string message;
};

struct Finding {
  std::string rule;
  Level level = Level::kWarning;
  clang::SourceLocation where;
  std::string message;
  std::vector<Note> notes;
};

}  // namespace csp::lint
