// One document with all facts. cli/schema/report_schema.json describes it.

#include <nlohmann/json.hpp>

#include "explain/words.h"
#include "render/render.h"

namespace csp::cli {

namespace {

using Json = nlohmann::ordered_json;

Json place_json(const Place& place) { return {{"file", place.file}, {"line", place.line}, {"column", place.column}}; }

Json stack_json(const Stack& stack) {
  Json result = Json::array();
  for (const Frame& frame : stack) {
    Json item = {{"function", frame.function}};
    item.update(place_json(frame.place));
    item["module"] = frame.module;
    item["offset"] = frame.offset;
    item["origin"] = frame.origin == Origin::kProject   ? "project"
                     : frame.origin == Origin::kRuntime ? "runtime"
                                                        : "system";
    item["inlined"] = frame.inlined;
    result.push_back(std::move(item));
  }
  return result;
}

// As csp::goroutine_id(): 0 on a thread that is no goroutine.
std::uint64_t goroutine_number(const std::string& agent) {
  return agent.starts_with('g') ? std::strtoull(agent.c_str() + 1, nullptr, 10) : 0;
}

Json agent_json(const Finding& finding, const std::string& agent) {
  const Goroutine* g = goroutine_of(finding, agent);
  return {{"agent", agent}, {"goroutine", goroutine_number(agent)}, {"name", g != nullptr ? g->name : ""}};
}

Json finding_json(const Finding& finding) {
  Json result = {{"rule", finding.rule}, {"level", finding.level}, {"message", finding.message}};
  result.update(place_json(finding.place));
  result["count"] = finding.count;
  result["pid"] = finding.pid;
  result["fingerprint"] = "cspRace/v1:" + finding.fingerprint;
  result["why"] = finding.why;
  result["help"] = finding.help;
  result["notes"] = Json::array();
  for (const Note& note : finding.notes) {
    Json item = {{"message", note.message}};
    item.update(place_json(note.place));
    result["notes"].push_back(std::move(item));
  }
  if (!finding.accesses.empty()) {
    result["accesses"] = Json::array();
    for (const Access& access : finding.accesses) {
      Json item = {{"op", access.op}, {"atomic", access.atomic}, {"address", access.address}, {"size", access.size}};
      item.update(agent_json(finding, access.agent));
      item["locks"] = Json::array();
      for (const std::string& lock : access.locks) item["locks"].push_back(object_name(finding, lock));
      item["stack"] = stack_json(access.stack);
      result["accesses"].push_back(std::move(item));
    }
  }
  if (finding.memory) {
    const Memory& memory = *finding.memory;
    result["memory"] = {{"kind", memory.kind}, {"name", memory.name},   {"address", memory.address},
                        {"size", memory.size}, {"agent", memory.agent}, {"stack", stack_json(memory.stack)}};
  }
  if (!finding.edges.empty()) {
    result["edges"] = Json::array();
    for (const WaitEdge& edge : finding.edges) {
      Json item = agent_json(finding, edge.agent);
      item["held"] = object_name(finding, edge.held);
      item["held_stack"] = stack_json(edge.held_stack);
      item["wanted"] = object_name(finding, edge.wanted);
      item["wanted_stack"] = stack_json(edge.wanted_stack);
      result["edges"].push_back(std::move(item));
    }
  }
  result["goroutines"] = Json::array();
  for (const Goroutine& g : finding.goroutines) {
    Json item = agent_json(finding, g.agent);
    item["ended"] = g.ended;
    item["wait_reason"] = g.wait_reason;
    item["waiting_ns"] = g.waiting_ns;
    item["waiting_on"] = Json::array();
    for (const std::string& address : g.waiting_on) item["waiting_on"].push_back(object_name(finding, address));
    item["stack"] = stack_json(g.stack);
    item["created_by"] = g.created_by;
    item["creation_stack"] = stack_json(g.creation_stack);
    result["goroutines"].push_back(std::move(item));
  }
  return result;
}

template <class T>
Json or_null(const std::optional<T>& value) {
  return value ? Json(*value) : Json(nullptr);
}

}  // namespace

void render_json(const Report& report, const RenderOptions&, std::ostream& out) {
  Json document = {{"schema", "csp-race/report/1"}, {"tool", report.kind == Report::Kind::kVet ? "vet" : "run"}};
  document["findings"] = Json::array();
  for (const Finding& finding : report.findings) document["findings"].push_back(finding_json(finding));
  const Run& run = report.run;
  document["run"] = {{"argv", run.argv},
                     {"cwd", run.cwd},
                     {"exit", or_null(run.exit)},
                     {"signal", or_null(run.signal)},
                     {"wall_ms", or_null(run.wall_ms)},
                     {"pid", run.pid},
                     {"processes", run.processes},
                     {"goroutines", run.goroutines},
                     {"threads", run.threads},
                     {"detector", run.detector}};
  document["not_checked"] = {{"remarks", report.not_checked.remarks},
                             {"lost", report.not_checked.lost},
                             {"suppressed", report.not_checked.suppressed}};
  // Names and paths are bytes; what is not UTF-8 is replaced rather than refused.
  out << document.dump(2, ' ', false, Json::error_handler_t::replace) << '\n';
}

}  // namespace csp::cli
