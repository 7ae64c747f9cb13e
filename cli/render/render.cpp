#include "render/render.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <vector>

#include "explain/rules.h"
#include "explain/words.h"

namespace csp::cli {

namespace {

constexpr Format kFormats[] = {
    {"text", render_text},   {"json", render_json}, {"sarif", render_sarif}, {"html", render_html},
    {"junit", render_junit}, {"tsan", render_tsan}, {"go", render_go},
};

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

}  // namespace

std::span<const Format> formats() { return kFormats; }

const Format* find_format(std::string_view name) {
  const auto found =
      std::find_if(std::begin(kFormats), std::end(kFormats), [&](const Format& f) { return f.name == name; });
  return found != std::end(kFormats) ? found : nullptr;
}

std::string printable(std::string_view text) {
  std::string result(text);
  std::replace_if(
      result.begin(), result.end(), [](char c) { return is_control(c) && c != '\t'; }, '?');
  return result;
}

std::string escape_markup(std::string_view text) {
  std::string result;
  for (const char c : text) {
    switch (c) {
      case '&':
        result += "&amp;";
        break;
      case '<':
        result += "&lt;";
        break;
      case '>':
        result += "&gt;";
        break;
      case '"':
        result += "&quot;";
        break;
      case '\'':
        result += "&#39;";
        break;
      default:
        result += is_control(c) && c != '\t' && c != '\n' ? '?' : c;
    }
  }
  return result;
}

std::string summary(const Report& report) {
  const std::string until = report.run.signal ? fmt::format(" before the program died of signal {} ({})",
                                                            *report.run.signal, strsignal(*report.run.signal))
                                              : "";
  if (report.problems() == 0) return "csp-race: no problems found" + until;
  // Grouped by what they are called, in the order of their first appearance.
  std::vector<std::pair<std::string, std::size_t>> kinds;
  for (const Finding& finding : report.findings) {
    if (finding.level == "note") continue;
    const Rule* rule = find_rule(finding.rule);
    const std::string noun = rule != nullptr ? std::string(rule->noun) : finding.rule;
    const auto same = std::find_if(kinds.begin(), kinds.end(), [&](const auto& kind) { return kind.first == noun; });
    if (same != kinds.end()) {
      ++same->second;
    } else {
      kinds.emplace_back(noun, 1);
    }
  }
  std::string result = fmt::format("csp-race: {} (", counted(report.problems(), "problem"));
  for (std::size_t i = 0; i < kinds.size(); ++i)
    result += (i == 0 ? "" : ", ") + counted(kinds[i].second, kinds[i].first);
  return result + ")" + until;
}

}  // namespace csp::cli
