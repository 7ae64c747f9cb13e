#pragma once
// The formats a report can take.
//
// To add one: write render/<name>.cpp with a function like those below, and name it in the table of render.cpp.
// Renderers choose no words and look nothing up: they arrange what the report has.

#include <ostream>
#include <span>
#include <string_view>

#include "model/report.h"

namespace csp::cli {

struct RenderOptions {
  bool color = false;
  bool full = false;           // All frames, with addresses.
  std::size_t max_print = 10;  // Findings shown by formats for people; the others are counted.
  bool quiet = false;          // Nothing at all when there is nothing to report.
};

struct Format {
  std::string_view name;
  void (*render)(const Report& report, const RenderOptions& options, std::ostream& out);
};

std::span<const Format> formats();

/// Null when there is no such format.
const Format* find_format(std::string_view name);

void render_text(const Report& report, const RenderOptions& options, std::ostream& out);
void render_json(const Report& report, const RenderOptions& options, std::ostream& out);
void render_sarif(const Report& report, const RenderOptions& options, std::ostream& out);
void render_html(const Report& report, const RenderOptions& options, std::ostream& out);
void render_junit(const Report& report, const RenderOptions& options, std::ostream& out);
void render_tsan(const Report& report, const RenderOptions& options, std::ostream& out);
void render_go(const Report& report, const RenderOptions& options, std::ostream& out);

/// Text from outside for a terminal or a line-based format: control characters become '?', tabs stay.
std::string printable(std::string_view text);

/// For XML and HTML, in elements and attributes; what XML cannot hold becomes '?'.
std::string escape_markup(std::string_view text);

/// "csp-race: 3 problems (1 race, 1 deadlock, 1 leak)", without the lines below it.
std::string summary(const Report& report);

}  // namespace csp::cli
