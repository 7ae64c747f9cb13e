// As Go's race detector prints, for scripts and eyes that know its reports.

#include <fmt/format.h>

#include "explain/words.h"
#include "render/render.h"
#include "symbolize/origin.h"

namespace csp::cli {

namespace {

constexpr std::string_view kRule = "==================";

std::string by(const std::string& agent) { return agent == "g1" ? "main goroutine" : who_briefly(agent); }

std::string capitalised(std::string words) {
  if (!words.empty() && words[0] >= 'a' && words[0] <= 'z') words[0] = static_cast<char>(words[0] - 'a' + 'A');
  return words;
}

void write_stack(const Stack& stack, std::string_view indent, std::ostream& out) {
  for (const Frame& frame : of_project(stack)) {
    out << fmt::format("{}{}()\n{}    {}:{} +{:#x}\n", indent, frame.function.empty() ? "?" : frame.function, indent,
                       frame.place.path.empty() ? frame.place.file : frame.place.path, frame.place.line, frame.offset);
  }
}

void write_race(const Finding& finding, std::ostream& out) {
  out << kRule << "\nWARNING: DATA RACE\n";
  for (std::size_t i = 0; i < finding.accesses.size(); ++i) {
    const Access& access = finding.accesses[i];
    const std::string op = i == 0 ? capitalised(access.op) : "Previous " + access.op;
    out << fmt::format("{} at {} by {}:\n", op, access.address, by(access.agent));
    write_stack(access.stack, "  ", out);
    out << '\n';
  }
  for (const Goroutine& g : finding.goroutines) {
    if (g.creation_stack.empty()) continue;
    out << fmt::format("{} ({}) created at:\n", capitalised(who_briefly(g.agent)), g.ended ? "finished" : "running");
    write_stack(g.creation_stack, "  ", out);
    out << '\n';
  }
  out << kRule << '\n';
}

void write_other(const Finding& finding, std::ostream& out) {
  out << finding.rule << ": " << finding.message << "\n\n";
  for (const Goroutine& g : finding.goroutines) {
    out << fmt::format("{} [{}]:\n", who_briefly(g.agent), g.wait_reason.empty() ? "running" : g.wait_reason);
    write_stack(g.stack, "", out);
    if (const Frame* frame = first_of_project(g.creation_stack)) {
      out << fmt::format("created by {}\n    {}:{} +{:#x}\n", frame->function, frame->place.path, frame->place.line,
                         frame->offset);
    }
    out << '\n';
  }
}

}  // namespace

void render_go(const Report& report, const RenderOptions&, std::ostream& out) {
  std::size_t races = 0;
  for (const Finding& finding : report.findings) {
    if (finding.level == "note") continue;
    if (finding.rule == "csp-data-race") {
      ++races;
      write_race(finding, out);
    } else {
      write_other(finding, out);
    }
  }
  if (races > 0) out << fmt::format("Found {} data race(s)\n", races);
}

}  // namespace csp::cli
