// SARIF 2.1.0, for code scanning and editors.

#include <nlohmann/json.hpp>

#include <algorithm>
#include <set>

#include "explain/rules.h"
#include "explain/words.h"
#include "render/render.h"
#include "version.h"

namespace csp::cli {

namespace {

using Json = nlohmann::ordered_json;

// RFC 3986: what may not stand in a path is written as %XX.
std::string uri(const std::string& path) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  std::string result = path.starts_with('/') ? "file://" : "";
  for (const char c : path) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       std::string_view("-._~/+@,=").find(c) != std::string_view::npos;
    if (plain) {
      result += c;
    } else {
      result += '%';
      result += kHex[static_cast<unsigned char>(c) >> 4];
      result += kHex[static_cast<unsigned char>(c) & 15];
    }
  }
  return result;
}

Json physical_location(const Place& place, const std::string& cwd) {
  // Relative to where the tool ran, so that a checkout elsewhere finds the file.
  Json artifact;
  if (!cwd.empty() && place.path.starts_with(cwd + "/")) {
    artifact = {{"uri", uri(place.path.substr(cwd.size() + 1))}, {"uriBaseId", "SRCROOT"}};
  } else if (!place.file.starts_with('/')) {
    artifact = {{"uri", uri(place.file)}, {"uriBaseId", "SRCROOT"}};
  } else {
    artifact = {{"uri", uri(place.file)}};
  }
  Json region = {{"startLine", place.line}};
  if (place.column != 0) region["startColumn"] = place.column;
  return {{"artifactLocation", artifact}, {"region", region}};
}

Json location(const Place& place, const std::string& cwd, const std::string& message, int id) {
  Json result = Json::object();
  if (id > 0) result["id"] = id;
  if (place.known()) result["physicalLocation"] = physical_location(place, cwd);
  if (!message.empty()) result["message"] = {{"text", message}};
  return result;
}

// From the caller down to the access, as execution went.
Json thread_flow(const Finding& finding, const Access& access, const std::string& cwd, int order) {
  Json locations = Json::array();
  int depth = 0;
  for (auto frame = access.stack.rbegin(); frame != access.stack.rend(); ++frame) {
    if (!frame->place.known() || frame->origin != Origin::kProject) continue;
    Json item = {{"location", location(frame->place, cwd, frame->function, 0)}, {"nestingLevel", depth++}};
    locations.push_back(std::move(item));
  }
  if (locations.empty()) return nullptr;
  locations.back()["executionOrder"] = order;
  locations.back()["location"]["message"] = {{"text", access.op + " by " + who(finding, access.agent)}};
  return {{"id", access.agent}, {"locations", locations}};
}

Json result_json(const Finding& finding, const std::string& cwd) {
  Json result = {{"ruleId", finding.rule}, {"level", finding.level}, {"message", {{"text", finding.message}}}};
  // The same place whichever side of the race came second: alerts are matched by it.
  Place primary = finding.place;
  for (const Access& access : finding.accesses) {
    const Place place = place_of(access.stack);
    if (place.known() &&
        std::tie(place.file, place.line, place.column) < std::tie(primary.file, primary.line, primary.column)) {
      primary = place;
    }
  }
  result["locations"] = Json::array();
  if (primary.known()) result["locations"].push_back(location(primary, cwd, "", 0));
  int id = 0;
  Json related = Json::array();
  if (finding.place.known())
    related.push_back(location(finding.place, cwd, finding.caption.empty() ? finding.message : finding.caption, ++id));
  for (const Note& note : finding.notes) {
    if (note.place.known()) related.push_back(location(note.place, cwd, note.message, ++id));
  }
  result["relatedLocations"] = std::move(related);
  Json flows = Json::array();
  for (std::size_t i = 0; i < finding.accesses.size(); ++i) {
    // The record has the later access first.
    Json flow = thread_flow(finding, finding.accesses[i], cwd, static_cast<int>(finding.accesses.size() - i));
    if (!flow.is_null()) flows.push_back(std::move(flow));
  }
  if (!flows.empty()) result["codeFlows"] = Json::array({{{"threadFlows", flows}}});
  result["partialFingerprints"] = {{"cspRace/v1", finding.fingerprint}};
  result["occurrenceCount"] = finding.count;
  if (!finding.help.empty()) result["properties"] = {{"why", finding.why}, {"help", finding.help}};
  return result;
}

Json rule_json(const std::string& name) {
  const Rule* rule = find_rule(name);
  Json result = {{"id", name}};
  if (rule != nullptr) {
    result["name"] = rule->noun;
    result["shortDescription"] = {{"text", rule->sentence}};
  }
  result["properties"] = {{"tags", {"concurrency"}}, {"precision", "very-high"}};
  return result;
}

}  // namespace

void render_sarif(const Report& report, const RenderOptions&, std::ostream& out) {
  Json driver = {{"name", "csp-race"}, {"semanticVersion", kVersion}, {"rules", Json::array()}};
  std::set<std::string> used;
  for (const Finding& finding : report.findings) {
    if (used.insert(finding.rule).second) driver["rules"].push_back(rule_json(finding.rule));
  }
  Json run = {{"tool", {{"driver", driver}}}, {"columnKind", "utf16CodeUnits"}};
  const std::string& cwd = report.run.cwd;
  if (!cwd.empty()) run["originalUriBaseIds"] = {{"SRCROOT", {{"uri", uri(cwd + "/")}}}};
  run["results"] = Json::array();
  for (const Finding& finding : report.findings) run["results"].push_back(result_json(finding, cwd));
  const Json document = {
      {"$schema", "https://json.schemastore.org/sarif-2.1.0.json"}, {"version", "2.1.0"}, {"runs", {run}}};
  out << document.dump(2, ' ', false, Json::error_handler_t::replace) << '\n';
}

}  // namespace csp::cli
