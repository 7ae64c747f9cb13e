#include "records/reader.h"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>

#include "error.h"

namespace csp::cli {

namespace {

using nlohmann::json;

// Every getter gives the default for a key that is missing or of another type: writers leave empty keys out.
std::string text(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::uint64_t number(const json& value) {
  if (value.is_number_unsigned()) return value.get<std::uint64_t>();
  if (value.is_number_integer()) return static_cast<std::uint64_t>(value.get<std::int64_t>());
  if (!value.is_string()) return 0;
  const std::string& digits = value.get_ref<const std::string&>();
  std::uint64_t result = 0;
  const bool hex = digits.starts_with("0x");
  std::from_chars(digits.data() + (hex ? 2 : 0), digits.data() + digits.size(), result, hex ? 16 : 10);
  return result;
}

std::uint64_t number(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() ? number(*found) : 0;
}

bool flag(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_boolean() && found->get<bool>();
}

template <class T, class Read>
std::vector<T> list(const json& object, const char* key, Read read) {
  std::vector<T> result;
  if (const auto found = object.find(key); found != object.end() && found->is_array()) {
    for (const json& item : *found) result.push_back(read(item));
  }
  return result;
}

Pcs addresses(const json& object, const char* key) {
  return list<std::uint64_t>(object, key, [](const json& item) { return number(item); });
}

AccessRecord access(const json& item) {
  return {text(item, "op"),    flag(item, "atomic"),     number(item, "address"), number(item, "size"),
          text(item, "agent"), addresses(item, "stack"), addresses(item, "locks")};
}

EdgeRecord edge(const json& item) {
  return {text(item, "agent"), number(item, "held"), addresses(item, "held_stack"), number(item, "wanted"),
          addresses(item, "wanted_stack")};
}

AgentRecord agent(const json& item) {
  return {text(item, "agent"),
          text(item, "name"),
          flag(item, "ended"),
          text(item, "created_by"),
          addresses(item, "creation_stack"),
          text(item, "wait_reason"),
          static_cast<std::int64_t>(number(item, "waiting_ns")),
          addresses(item, "waiting_on"),
          addresses(item, "stack")};
}

ObjectRecord object(const json& item) {
  return {number(item, "address"), text(item, "kind"), addresses(item, "made_stack")};
}

LocationRecord location(const json& item) {
  LocationRecord result{text(item, "kind"), number(item, "address"), number(item, "size"), text(item, "agent"),
                        addresses(item, "stack")};
  if (result.kind.empty()) result.kind = "unknown";
  return result;
}

FindingRecord finding(const json& line) {
  FindingRecord result;
  result.pid = number(line, "pid");
  result.number = number(line, "number");
  result.rule = text(line, "rule");
  result.grade = text(line, "grade");
  result.message = text(line, "message");
  result.accesses = list<AccessRecord>(line, "accesses", access);
  result.edges = list<EdgeRecord>(line, "edges", edge);
  result.agents = list<AgentRecord>(line, "agents", agent);
  result.objects = list<ObjectRecord>(line, "objects", object);
  if (const auto found = line.find("location"); found != line.end()) result.location = location(*found);
  return result;
}

void add_begin(RecordFile& file, const json& line) {
  const std::uint64_t pid = number(line, "pid");
  ProcessRecord* process = file.process(pid);
  // A second begin record is what a library adds that started later, or the same process after exec:
  // that has other modules, and everything after it is looked up in those.
  if (process == nullptr) process = &file.processes.emplace_back();
  process->pid = pid;
  process->ppid = number(line, "ppid");
  const std::string exe = text(line, "exe");
  if (process->exe != exe) process->modules.clear();
  process->exe = exe;
  process->argv =
      list<std::string>(line, "argv", [](const json& item) { return item.is_string() ? item.get<std::string>() : ""; });
  process->cwd = text(line, "cwd");
  process->detector = process->detector || flag(line, "detector");
  process->runtime = process->runtime || flag(line, "runtime");
}

void add(RecordFile& file, const json& line) {
  const std::string type = text(line, "t");
  const std::uint64_t pid = number(line, "pid");
  if (type == "begin") {
    add_begin(file, line);
  } else if (type == "module") {
    if (ProcessRecord* process = file.process(pid)) {
      process->modules.push_back({text(line, "path"), number(line, "bias"), number(line, "low"), number(line, "high")});
    }
  } else if (type == "finding") {
    file.findings.push_back(finding(line));
  } else if (type == "count") {
    const std::uint64_t id = number(line, "number");
    const auto found = std::find_if(file.findings.rbegin(), file.findings.rend(),
                                    [&](const FindingRecord& f) { return f.pid == pid && f.number == id; });
    if (found != file.findings.rend()) found->count = std::max<std::uint64_t>(1, number(line, "count"));
  } else if (type == "end") {
    if (ProcessRecord* process = file.process(pid)) {
      process->ended = true;
      process->goroutines = number(line, "goroutines");
      process->threads = number(line, "threads");
      process->suppressed = number(line, "suppressed");
      process->lost = number(line, "lost");
    }
  }
}

}  // namespace

ProcessRecord* RecordFile::process(std::uint64_t pid) {
  const auto found = std::find_if(processes.begin(), processes.end(), [&](const auto& p) { return p.pid == pid; });
  return found != processes.end() ? &*found : nullptr;
}

const ProcessRecord* RecordFile::process(std::uint64_t pid) const {
  return const_cast<RecordFile*>(this)->process(pid);
}

RecordFile read_records(std::istream& in) {
  RecordFile file;
  std::string line;
  while (std::getline(in, line)) {
    const bool complete = !in.eof();  // getline stopped at the end of the file, not at a newline.
    if (line.empty()) continue;
    const json value = json::parse(line, nullptr, /*allow_exceptions=*/false);
    if (value.is_object()) {
      add(file, value);
    } else if (complete) {
      ++file.unreadable;
    } else {
      file.truncated = true;
    }
  }
  return file;
}

RecordFile read_record_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) throw Error("cannot read " + path.string(), "give a file that `csp-race run --keep FILE` wrote");
  RecordFile file = read_records(in);
  if (file.processes.empty() && file.findings.empty()) {
    throw Error(path.string() + " holds no records of csp-race", "give a file that `csp-race run --keep FILE` wrote");
  }
  return file;
}

}  // namespace csp::cli
