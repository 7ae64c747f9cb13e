#pragma once
// What was found, ready to be shown: names and lines resolved, words chosen. Plain data that every
// renderer reads and none changes.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace csp::cli {

/// A place in the source. `file` is the path as the compiler saw it, `path` the same file made
/// absolute, for reading it. Lines and columns count from 1; 0 is unknown.
struct Place {
  std::string file;
  std::string path;
  unsigned line = 0;
  unsigned column = 0;
  bool known() const { return !file.empty() && line != 0; }
};

/// Whose code a frame is.
enum class Origin : std::uint8_t {
  kProject,  // The user's.
  kRuntime,  // Ours.
  kSystem,   // The standard library, libc, the loader.
};

struct Frame {
  std::string function;  // Qualified, without parameters; "" when unknown.
  Place place;
  std::string module;        // Absolute path of the binary.
  std::uint64_t offset = 0;  // Within it.
  Origin origin = Origin::kProject;
  bool inlined = false;  // Its caller is the next frame, in the same machine code.
};

/// Innermost first.
using Stack = std::vector<Frame>;

struct Goroutine {
  std::string agent;  // "g7", "t0"; "" unknown.
  std::string name;
  bool ended = false;
  std::string created_by;  // Another agent.
  Stack creation_stack;
  std::string wait_reason;
  std::int64_t waiting_ns = 0;
  std::vector<std::string> waiting_on;  // Addresses.
  Stack stack;
};

struct Access {
  std::string op;  // "read", "write", "free".
  bool atomic = false;
  std::string address;
  std::uint64_t size = 0;
  std::string agent;
  Stack stack;
  std::vector<std::string> locks;  // Addresses.
};

/// `agent` holds `held` since `held_stack` and wants `wanted` at `wanted_stack`.
struct WaitEdge {
  std::string agent;
  std::string held;
  Stack held_stack;
  std::string wanted;
  Stack wanted_stack;
};

/// A synchronisation object.
struct SyncObject {
  std::string address;
  std::string kind;
  std::string name;  // Of the global variable it is in; "" otherwise.
  Stack made_stack;
};

/// The memory a race is about.
struct Memory {
  std::string kind;  // "heap", "stack", "global", "tls", "unknown".
  std::string name;  // Of the variable, when known.
  std::string address;
  std::uint64_t size = 0;
  std::string agent;
  Stack stack;
  Place declared;
};

/// A sentence about a place, printed below its finding.
struct Note {
  std::string message;
  Place place;
  std::string path;  // How execution got there: "in f(), called from main (a.cpp:3)". May be empty.
};

struct Finding {
  std::string rule;
  std::string level = "error";  // "error", "warning", "note".
  std::string message;
  Place place;
  std::string caption;  // Beside the caret.
  std::string path;     // As Note::path.
  std::vector<Note> notes;
  std::string drawing;  // Of a cycle; one or more lines, or empty.
  std::string why;
  std::string help;
  std::uint64_t count = 1;
  std::uint64_t pid = 0;
  std::string fingerprint;  // The same for the same mistake in another run, whatever the line numbers.

  std::vector<Access> accesses;
  std::vector<Goroutine> goroutines;
  std::vector<WaitEdge> edges;
  std::vector<SyncObject> objects;
  std::optional<Memory> memory;
};

/// A program that was run, or checked. Values that are unknown stay empty.
struct Run {
  std::vector<std::string> argv;
  std::string cwd;
  std::optional<int> exit;    // Its own status.
  std::optional<int> signal;  // That ended it.
  std::optional<std::int64_t> wall_ms;
  std::uint64_t pid = 0;        // Of the program itself.
  std::uint64_t processes = 0;  // That wrote records.
  std::uint64_t goroutines = 0;
  std::uint64_t threads = 0;
  bool detector = false;  // Memory accesses were checked.
};

/// What silence does not prove.
struct NotChecked {
  std::vector<std::string> remarks;  // Sentences.
  std::uint64_t lost = 0;            // Given up for want of memory or disk.
  std::uint64_t suppressed = 0;      // Repetitions of races already in the findings.
};

struct Report {
  enum class Kind : std::uint8_t { kRun, kVet };
  Kind kind = Kind::kRun;
  Run run;
  std::vector<Finding> findings;
  NotChecked not_checked;

  /// Findings that are more than notes.
  std::size_t problems() const {
    std::size_t n = 0;
    for (const Finding& finding : findings) n += finding.level != "note" ? 1 : 0;
    return n;
  }
};

}  // namespace csp::cli
