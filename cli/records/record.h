#pragma once
// The record file as data, before names are looked up. detector/report/README.md has the format.

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace csp::cli {

using Pcs = std::vector<std::uint64_t>;

struct ModuleRecord {
  std::string path;
  std::uint64_t bias = 0;
  std::uint64_t low = 0;
  std::uint64_t high = 0;
};

struct AccessRecord {
  std::string op;
  bool atomic = false;
  std::uint64_t address = 0;
  std::uint64_t size = 0;
  std::string agent;
  Pcs stack;
  Pcs locks;
};

struct EdgeRecord {
  std::string agent;
  std::uint64_t held = 0;
  Pcs held_stack;
  std::uint64_t wanted = 0;
  Pcs wanted_stack;
};

struct AgentRecord {
  std::string agent;
  std::string name;
  bool ended = false;
  std::string created_by;
  Pcs creation_stack;
  std::string wait_reason;
  std::int64_t waiting_ns = 0;
  Pcs waiting_on;
  Pcs stack;
};

struct ObjectRecord {
  std::uint64_t address = 0;
  std::string kind;
  Pcs made_stack;
};

struct LocationRecord {
  std::string kind = "unknown";
  std::uint64_t address = 0;
  std::uint64_t size = 0;
  std::string agent;
  Pcs stack;
};

struct FindingRecord {
  std::uint64_t pid = 0;
  std::uint64_t number = 0;
  std::string rule;
  std::string grade;
  std::string message;
  std::vector<AccessRecord> accesses;
  std::vector<EdgeRecord> edges;
  std::vector<AgentRecord> agents;
  std::vector<ObjectRecord> objects;
  LocationRecord location;
  std::uint64_t count = 1;
};

/// One process that wrote to the file.
struct ProcessRecord {
  std::uint64_t pid = 0;
  std::uint64_t ppid = 0;
  std::string exe;
  std::vector<std::string> argv;
  std::string cwd;
  bool detector = false;
  bool runtime = false;
  bool ended = false;  // It wrote its end record.
  std::uint64_t goroutines = 0;
  std::uint64_t threads = 0;
  std::uint64_t suppressed = 0;
  std::uint64_t lost = 0;
  std::vector<ModuleRecord> modules;
};

struct RecordFile {
  std::vector<ProcessRecord> processes;  // In order of their begin records.
  std::vector<FindingRecord> findings;   // In order of the file.
  bool truncated = false;                // The last line is unfinished.
  std::uint64_t unreadable = 0;          // Complete lines that are no records.

  ProcessRecord* process(std::uint64_t pid);
  const ProcessRecord* process(std::uint64_t pid) const;
};

}  // namespace csp::cli
