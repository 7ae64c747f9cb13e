// For people at a terminal: clang's way of showing a place, then why and help.

#include <fmt/format.h>

#include <algorithm>

#include "explain/words.h"
#include "render/render.h"
#include "source/source.h"
#include "symbolize/origin.h"

namespace csp::cli {

namespace {

constexpr std::size_t kWidthMax = 100;  // Of a source line; longer ones are cut around the caret.

constexpr std::string_view kReset = "\033[0m";
constexpr std::string_view kBold = "\033[1m";
constexpr std::string_view kRed = "\033[1;31m";
constexpr std::string_view kMagenta = "\033[1;35m";
constexpr std::string_view kGrey = "\033[1;36m";
constexpr std::string_view kGreen = "\033[1;32m";

class TextWriter {
 public:
  TextWriter(const RenderOptions& options, std::ostream& out) : options_(options), out_(out) {}

  void write(const Finding& finding, std::uint64_t main_pid) {
    header(finding.place, finding.level, finding.message, finding.rule);
    snippet(finding.place, finding.caption);
    path_line(finding.path);
    for (const Note& note : finding.notes) {
      header(note.place, "note", note.message, "");
      snippet(note.place, "");
      path_line(note.path);
    }
    for (std::string_view rest = finding.drawing; !rest.empty();) {
      const std::size_t end = std::min(rest.find('\n'), rest.size());
      out_ << std::string(kGutter + 5, ' ') << printable(rest.substr(0, end)) << '\n';
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    remark("why", finding.why);
    remark("help", finding.help);
    if (finding.count > 1 && finding.rule != "csp-goroutine-leak")
      remark("seen", fmt::format("{} times", finding.count));
    if (finding.pid != 0 && finding.pid != main_pid) remark("pid", fmt::format("{}, a forked process", finding.pid));
    if (options_.full) frames(finding);
    out_ << '\n';
  }

 private:
  static constexpr std::size_t kGutter = 5;  // Columns of a line number.

  std::string_view tint(std::string_view color) const { return options_.color ? color : std::string_view(); }

  void header(const Place& place, const std::string& level, const std::string& message, const std::string& rule) {
    const std::string_view color = level == "error" ? kRed : level == "warning" ? kMagenta : kGrey;
    out_ << tint(kBold) << place_words(place) << tint(kReset) << tint(color) << level << ": " << tint(kReset);
    if (level != "note") out_ << tint(kBold);
    out_ << printable(message);
    if (!rule.empty()) out_ << " [" << rule << ']';
    out_ << tint(kReset) << '\n';
  }

  static std::string place_words(const Place& place) {
    if (!place.known()) return place.file.empty() ? "csp-race: " : printable(place.file) + ": ";
    std::string result = fmt::format("{}:{}:", printable(place.file), place.line);
    // An unknown column is 1: tools that read this line expect one.
    return result + fmt::format("{}: ", std::max(place.column, 1u));
  }

  // The source line with a caret below, and the caption beside that.
  void snippet(const Place& place, const std::string& caption) {
    const std::optional<std::string> line = sources_.line(place);
    if (!line) {
      if (!caption.empty()) out_ << fmt::format("{:>{}} | {}\n", "", kGutter, printable(caption));
      return;
    }
    const std::optional<Extent> extent = expression_at(*line, place.column);
    std::size_t from = 0;
    std::string text = printable(*line);
    if (text.size() > kWidthMax && extent && extent->begin > kWidthMax / 2) from = extent->begin - kWidthMax / 2;
    while (from < text.size() && is_continuation(text[from])) ++from;
    std::size_t end = std::min(text.size(), from + kWidthMax);
    while (end < text.size() && is_continuation(text[end])) ++end;
    out_ << fmt::format("{:>{}} | {}{}{}\n", place.line, kGutter, from > 0 ? "..." : "", text.substr(from, end - from),
                        end < text.size() ? "..." : "");
    if (!extent) {
      if (!caption.empty()) out_ << fmt::format("{:>{}} | {}\n", "", kGutter, printable(caption));
      return;
    }
    const std::size_t caret = std::min<std::size_t>(place.column - 1, text.size());
    std::string marks = from > 0 ? "   " : "";
    for (std::size_t i = from; i < std::min(extent->begin + extent->size, end); ++i) {
      if (is_continuation(text[i])) continue;
      if (i < extent->begin) {
        marks += text[i] == '\t' ? '\t' : ' ';
      } else {
        marks += i == caret ? '^' : '~';
      }
    }
    out_ << fmt::format("{:>{}} | {}{}{}", "", kGutter, tint(kGreen), marks, tint(kReset));
    if (!caption.empty()) out_ << ' ' << printable(caption);
    out_ << '\n';
  }

  static bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

  void path_line(const std::string& path) {
    if (!path.empty()) out_ << fmt::format("{:>{}} | {}\n", "", kGutter, printable(path));
  }

  void remark(std::string_view label, const std::string& text) {
    if (text.empty()) return;
    out_ << fmt::format("{:>{}} = {}{}:{} {}\n", "", kGutter, tint(kBold), label, tint(kReset), printable(text));
  }

  void frames(const Finding& finding) {
    for (const Access& access : finding.accesses) {
      frames(fmt::format("{} of {} at {} by {}", access.op, bytes(access.size), access.address,
                         who(finding, access.agent)),
             access.stack);
    }
    for (const WaitEdge& edge : finding.edges) {
      frames(fmt::format("{} takes {}", who(finding, edge.agent), object_name(finding, edge.held)), edge.held_stack);
      frames(fmt::format("{} wants {}", who(finding, edge.agent), object_name(finding, edge.wanted)),
             edge.wanted_stack);
    }
    for (const Goroutine& g : finding.goroutines) {
      frames(who(finding, g.agent), g.stack);
      frames(fmt::format("{} created", who(finding, g.agent)), g.creation_stack);
    }
    if (finding.memory) frames("allocated", finding.memory->stack);
  }

  void frames(const std::string& title, const Stack& stack) {
    if (stack.empty()) return;
    out_ << fmt::format("{:>{}} = {}{}:{}\n", "", kGutter, tint(kBold), printable(title), tint(kReset));
    for (std::size_t i = 0; i < stack.size(); ++i) {
      const Frame& frame = stack[i];
      const std::string where = frame.place.known()
                                    ? fmt::format("{}:{}:{}", frame.place.file, frame.place.line, frame.place.column)
                                    : fmt::format("{}+{:#x}", frame.module.empty() ? "?" : frame.module, frame.offset);
      out_ << fmt::format("{:>{}}   #{} {} {}\n", "", kGutter, i,
                          frame.function.empty() ? "?" : printable(frame.function), printable(where));
    }
  }

  const RenderOptions& options_;
  std::ostream& out_;
  SourceCache sources_;
};

std::string run_words(const Report& report) {
  std::string result;
  if (report.run.goroutines > 0) {
    result += ", " + counted(report.run.goroutines, "goroutine");
    if (report.run.threads > 0) result += " on " + counted(report.run.threads, "thread");
  }
  if (report.run.wall_ms) result += ", " + duration(*report.run.wall_ms * 1'000'000);
  if (report.run.processes > 1) result += ", " + counted(report.run.processes, "process");
  return result;
}

}  // namespace

void render_text(const Report& report, const RenderOptions& options, std::ostream& out) {
  // Notes come last: a cut must not hide a problem behind them.
  std::vector<const Finding*> ordered;
  for (const bool notes : {false, true}) {
    for (const Finding& finding : report.findings) {
      if ((finding.level == "note") == notes && !(notes && options.quiet)) ordered.push_back(&finding);
    }
  }

  TextWriter writer(options, out);
  const std::size_t shown = std::min(ordered.size(), options.max_print);
  for (std::size_t i = 0; i < shown; ++i) writer.write(*ordered[i], report.run.pid);
  if (options.quiet && ordered.empty()) return;
  out << summary(report) << run_words(report) << '\n';
  if (ordered.size() > shown) {
    out << fmt::format("          {} not shown: --max-print {} shows all, --json FILE has them\n",
                       counted(ordered.size() - shown, "finding"), ordered.size());
  }
  for (const std::string& remark : report.not_checked.remarks)
    out << "          not checked: " << printable(remark) << '\n';
}

}  // namespace csp::cli
