// JUnit XML: each finding a failed test case. Everything a reader needs is in the element's text, since not
// every consumer shows the attributes.

#include <fmt/format.h>

#include <sstream>

#include "render/render.h"

namespace csp::cli {

void render_junit(const Report& report, const RenderOptions& options, std::ostream& out) {
  const double seconds = static_cast<double>(report.run.wall_ms.value_or(0)) / 1000.0;
  const std::string name = report.run.argv.empty() ? "csp-race" : escape_markup(report.run.argv.front());
  // A clean run is one test that passed, so that the suite is never empty.
  const std::size_t problems = report.problems();
  const std::size_t tests = problems == 0 ? 1 : problems;
  out << "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
  out << fmt::format("<testsuites tests=\"{}\" failures=\"{}\" time=\"{:.3f}\">\n", tests, problems, seconds);
  out << fmt::format("  <testsuite name=\"csp-race {}\" tests=\"{}\" failures=\"{}\" time=\"{:.3f}\">\n", name, tests,
                     problems, seconds);
  if (problems == 0)
    out << fmt::format("    <testcase classname=\"csp-race\" name=\"{}\" time=\"{:.3f}\"/>\n", name, seconds);
  for (const Finding& finding : report.findings) {
    if (finding.level == "note") continue;
    Report alone;
    alone.findings.push_back(finding);
    std::ostringstream text;
    RenderOptions plain = options;
    plain.color = false;
    render_text(alone, plain, text);
    std::string body = text.str();
    body.erase(body.rfind("csp-race: "));  // Its summary counts one finding.
    const std::string place = finding.place.known() ? fmt::format("{}:{}", finding.place.file, finding.place.line) : "";
    out << fmt::format("    <testcase classname=\"{}\" name=\"{}\" file=\"{}\" line=\"{}\">\n",
                       escape_markup(finding.rule),
                       escape_markup(finding.message + (place.empty() ? "" : " at " + place)),
                       escape_markup(finding.place.file), finding.place.line);
    out << fmt::format("      <failure type=\"{}\" message=\"{}\">{}</failure>\n", escape_markup(finding.rule),
                       escape_markup(finding.message), escape_markup(body));
    out << "    </testcase>\n";
  }
  out << "  </testsuite>\n</testsuites>\n";
}

}  // namespace csp::cli
