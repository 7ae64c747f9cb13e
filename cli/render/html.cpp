// One page that needs nothing else: opens from a file, in the dark, and on paper.

#include <fmt/format.h>

#include "explain/words.h"
#include "render/render.h"
#include "source/source.h"

namespace csp::cli {

namespace {

constexpr std::string_view kStyle = R"(
:root { color-scheme: light dark; --line: #8884; --error: #c62828; --warning: #8e24aa; --note: #00838f; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 68rem; margin: 2rem auto; padding: 0 1rem; }
article { border: 1px solid var(--line); border-radius: 6px; margin: 1.5rem 0; padding: 0 1rem 1rem; break-inside: avoid; }
h2 { font-size: 1.05rem; } h2 .error { color: var(--error); } h2 .warning { color: var(--warning); } h2 .note { color: var(--note); }
pre { background: #8881; padding: .5rem; overflow-x: auto; margin: .25rem 0; } mark { background: #ffd54f88; color: inherit; }
.place, .rule { font-family: ui-monospace, monospace; font-size: .85rem; opacity: .8; } dt { font-weight: 600; } dd { margin: 0 0 .5rem 1rem; }
.sides { display: grid; grid-template-columns: repeat(auto-fit, minmax(24rem, 1fr)); gap: 1rem; } details { margin-top: .5rem; }
)";

class HtmlWriter {
 public:
  explicit HtmlWriter(std::ostream& out) : out_(out) {}

  void write(const Finding& finding, std::size_t number) {
    out_ << fmt::format(
        "<article id=\"F{}\"><h2><span class=\"{}\">{}</span> {} <a class=\"rule\" href=\"#F{}\">{}</a></h2>\n", number,
        escape_markup(finding.level), escape_markup(finding.level), escape_markup(finding.message), number,
        escape_markup(finding.rule));
    out_ << "<div class=\"sides\">\n";
    side(finding.caption, finding.place, finding.path);
    for (const Note& note : finding.notes) side(note.message, note.place, note.path);
    out_ << "</div>\n";
    if (!finding.drawing.empty()) out_ << "<pre>" << escape_markup(finding.drawing) << "</pre>\n";
    out_ << "<dl>\n";
    item("Why", finding.why);
    item("Help", finding.help);
    if (finding.count > 1) item("Seen", fmt::format("{} times", finding.count));
    out_ << "</dl>\n";
    for (const Access& access : finding.accesses) stack(access.op + " by " + who(finding, access.agent), access.stack);
    for (const Goroutine& g : finding.goroutines) {
      stack(who(finding, g.agent), g.stack);
      stack(who(finding, g.agent) + ", where it was created", g.creation_stack);
    }
    out_ << "</article>\n";
  }

 private:
  void side(const std::string& words, const Place& place, const std::string& path) {
    out_ << "<div>" << escape_markup(words);
    if (place.known()) {
      out_ << fmt::format("<div class=\"place\">{}:{}:{}</div>", escape_markup(place.file), place.line, place.column);
      if (const std::optional<std::string> line = sources_.line(place)) {
        const Extent extent = expression_at(*line, place.column).value_or(Extent{});
        out_ << "<pre>" << escape_markup(line->substr(0, extent.begin)) << "<mark>"
             << escape_markup(line->substr(extent.begin, extent.size)) << "</mark>"
             << escape_markup(line->substr(extent.begin + extent.size)) << "</pre>";
      }
    }
    if (!path.empty()) out_ << "<div class=\"place\">" << escape_markup(path) << "</div>";
    out_ << "</div>\n";
  }

  void item(std::string_view label, const std::string& text) {
    if (!text.empty()) out_ << "<dt>" << label << "</dt><dd>" << escape_markup(text) << "</dd>\n";
  }

  void stack(const std::string& title, const Stack& frames) {
    if (frames.empty()) return;
    out_ << "<details><summary>" << escape_markup(title) << "</summary><pre>";
    for (const Frame& frame : frames) {
      out_ << escape_markup(fmt::format("{}  {}:{}:{}\n", frame.function.empty() ? "?" : frame.function,
                                        frame.place.file, frame.place.line, frame.place.column));
    }
    out_ << "</pre></details>\n";
  }

  std::ostream& out_;
  SourceCache sources_;
};

}  // namespace

void render_html(const Report& report, const RenderOptions&, std::ostream& out) {
  out << "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" "
         "content=\"width=device-width\">\n"
      << "<title>csp-race</title><style>" << kStyle << "</style>\n";
  std::string command;
  for (const std::string& word : report.run.argv) command += (command.empty() ? "" : " ") + word;
  out << "<h1>" << escape_markup(summary(report)) << "</h1>\n<p class=\"place\">" << escape_markup(command) << "</p>\n";
  HtmlWriter writer(out);
  for (std::size_t i = 0; i < report.findings.size(); ++i) writer.write(report.findings[i], i + 1);
  for (const std::string& remark : report.not_checked.remarks)
    out << "<p>Not checked: " << escape_markup(remark) << "</p>\n";
  out << "</html>\n";
}

}  // namespace csp::cli
