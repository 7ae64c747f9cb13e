#include "explain/build_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "explain/explain.h"
#include "explain/words.h"
#include "source/source.h"
#include "symbolize/symbolizer.h"

namespace csp::cli {

namespace {

std::string hex(std::uint64_t address) { return fmt::format("{:#x}", address); }

std::vector<std::string> hex(const Pcs& addresses) {
  std::vector<std::string> result;
  for (const std::uint64_t address : addresses) result.push_back(hex(address));
  return result;
}

// The facts of one finding, with names for addresses.
class Resolver {
 public:
  Resolver(Symbolizer& symbolizer, const ProcessRecord& process) : symbolizer_(symbolizer), process_(process) {}

  Finding resolve(const FindingRecord& record) {
    Finding finding;
    finding.rule = record.rule;
    finding.level = record.grade.empty() ? "error" : record.grade;
    finding.message = record.message;
    finding.count = record.count;
    finding.pid = record.pid;
    for (const ObjectRecord& object : record.objects) add_object(finding, object);
    for (const AccessRecord& access : record.accesses) {
      finding.accesses.push_back({access.op, access.atomic, hex(access.address), access.size, access.agent,
                                  stack(access.stack), hex(access.locks)});
      for (const std::uint64_t lock : access.locks) add_object(finding, {lock, "mutex", {}});
    }
    for (const EdgeRecord& edge : record.edges) {
      finding.edges.push_back(
          {edge.agent, hex(edge.held), stack(edge.held_stack), hex(edge.wanted), stack(edge.wanted_stack)});
      add_object(finding, {edge.held, "mutex", {}});
      add_object(finding, {edge.wanted, "mutex", {}});
    }
    for (const AgentRecord& agent : record.agents) {
      finding.goroutines.push_back({agent.agent, agent.name, agent.ended, agent.created_by, stack(agent.creation_stack),
                                    agent.wait_reason, agent.waiting_ns, hex(agent.waiting_on), stack(agent.stack)});
      for (const std::uint64_t address : agent.waiting_on)
        add_object(finding, {address, kind_of(agent.wait_reason), {}});
    }
    if (!record.accesses.empty()) finding.memory = memory(record);
    return finding;
  }

 private:
  Stack stack(const Pcs& addresses) { return symbolizer_.stack(process_, addresses); }

  static std::string kind_of(const std::string& wait_reason) {
    if (wait_reason.starts_with("chan") || wait_reason.starts_with("select")) return "channel";
    if (wait_reason.starts_with("sync.Mutex") || wait_reason.starts_with("sync.RWMutex")) return "mutex";
    if (wait_reason.starts_with("sync.WaitGroup")) return "wait group";
    return "object";
  }

  void add_object(Finding& finding, const ObjectRecord& record) {
    const std::string address = hex(record.address);
    const auto same = [&](const SyncObject& object) { return object.address == address; };
    if (record.address == 0 || std::any_of(finding.objects.begin(), finding.objects.end(), same)) return;
    const std::optional<Variable> variable = symbolizer_.variable(process_, record.address);
    finding.objects.push_back({address, record.kind.empty() ? "object" : record.kind, variable ? variable->name : "",
                               stack(record.made_stack)});
  }

  Memory memory(const FindingRecord& record) {
    const std::uint64_t accessed = record.accesses.front().address;
    Memory result{
        record.location.kind,         "", hex(record.location.address), record.location.size, record.location.agent,
        stack(record.location.stack), {}};
    if (const std::optional<Variable> variable = symbolizer_.variable(process_, accessed)) {
      result.kind = "global";
      result.name = variable->name;
      result.size = variable->size;
      result.declared = variable->declared;
    }
    return result;
  }

  Symbolizer& symbolizer_;
  const ProcessRecord& process_;
};

std::string line_key(const Place& place) { return fmt::format("{}:{}", place.path, place.line); }

// Equal for two findings that a reader would call the same: a read and a write by one `++n` are, which GCC puts in
// different columns.
std::string repetition_key(const Finding& finding) {
  std::vector<std::string> sides;
  for (const Access& access : finding.accesses) {
    sides.push_back(line_key(place_of(access.stack)) + function_of(access.stack));
  }
  for (const WaitEdge& edge : finding.edges) {
    sides.push_back(line_key(place_of(edge.held_stack)) + line_key(place_of(edge.wanted_stack)));
  }
  if (sides.empty()) {
    for (const Goroutine& g : finding.goroutines) {
      sides.push_back(g.wait_reason + line_key(place_of(g.stack)) + line_key(place_of(g.creation_stack)));
    }
  }
  std::sort(sides.begin(), sides.end());
  sides.erase(std::unique(sides.begin(), sides.end()), sides.end());
  std::string key = finding.rule + "|" + finding.level + "|" + (finding.memory ? finding.memory->name : "");
  // The words of a race or a leak follow from its places, but for sizes and numbers of goroutines.
  if (finding.accesses.empty() && finding.rule != "csp-goroutine-leak") key += "|" + finding.message;
  for (const std::string& side : sides) key += "|" + side;
  // Without a line, nothing says that two findings are the same.
  return finding.place.known() ? key : fmt::format("{}|{}|{}", key, finding.pid, finding.fingerprint);
}

void merge_repetitions(std::vector<Finding>& findings) {
  std::map<std::string, std::size_t> first_of;
  std::vector<Finding> merged;
  for (Finding& finding : findings) {
    const auto [entry, added] = first_of.try_emplace(repetition_key(finding), merged.size());
    if (added) {
      merged.push_back(std::move(finding));
    } else {
      merged[entry->second].count += finding.count;
    }
  }
  findings = std::move(merged);
}

// Findings after which the runtime ends the process, so that no end record follows.
bool ends_process(const std::string& rule) {
  return rule != "csp-data-race" && rule != "csp-goroutine-leak" && rule != "csp-lock-order" &&
         rule != "csp-close-races-send";
}

void describe_run(const RecordFile& file, Report& report) {
  for (const ProcessRecord& process : file.processes) {
    if (report.run.processes++ == 0) {
      report.run.pid = process.pid;
      report.run.argv = process.argv;
      report.run.cwd = process.cwd;
      report.run.detector = process.detector;
    }
    report.run.goroutines += process.goroutines;
    report.run.threads += process.threads;
    report.not_checked.lost += process.lost;
    report.not_checked.suppressed += process.suppressed;
    const auto told = [&](const FindingRecord& f) {
      return f.pid == process.pid && f.grade != "note" && ends_process(f.rule);
    };
    if (!process.ended && std::none_of(file.findings.begin(), file.findings.end(), told)) {
      report.not_checked.remarks.push_back(
          fmt::format("process {} did not reach its end: leaks were not looked for", process.pid));
    }
  }
  if (!report.run.detector && report.run.processes > 0) {
    report.not_checked.remarks.push_back(
        "memory accesses: the program was not built with -fsanitize=thread for csp-race");
  }
  if (file.truncated)
    report.not_checked.remarks.push_back("the last record is unfinished: the process was killed while writing it");
  if (file.unreadable > 0) {
    report.not_checked.remarks.push_back(fmt::format("{} could not be read", counted(file.unreadable, "record")));
  }
  if (report.not_checked.lost > 0) {
    report.not_checked.remarks.push_back(
        fmt::format("{} given up for want of memory or disk", counted(report.not_checked.lost, "event")));
  }
}

}  // namespace

Report build_report(const RecordFile& file) {
  static const ProcessRecord kUnknownProcess;
  Report report;
  Symbolizer symbolizer;
  SourceCache sources;
  describe_run(file, report);
  for (const FindingRecord& record : file.findings) {
    const ProcessRecord* process = file.process(record.pid);
    Finding finding = Resolver(symbolizer, process != nullptr ? *process : kUnknownProcess).resolve(record);
    explain(finding, sources);
    report.findings.push_back(std::move(finding));
  }
  merge_repetitions(report.findings);
  return report;
}

}  // namespace csp::cli
