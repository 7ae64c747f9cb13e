// As ThreadSanitizer prints, for scripts that read its reports.

#include <fmt/format.h>

#include <algorithm>

#include "explain/words.h"
#include "render/render.h"

namespace csp::cli {

namespace {

constexpr std::string_view kRule = "==================";

std::string thread_words(const Finding& finding, const std::string& agent) {
  if (agent == "t0" || agent == "g1") return "main thread";
  const Goroutine* g = goroutine_of(finding, agent);
  const std::string name = g != nullptr && !g->name.empty() ? fmt::format(" '{}'", g->name) : "";
  return agent.size() < 2 ? "unknown thread"
                          : fmt::format("thread {}{}{}", agent[0] == 't' ? "T" : "G", agent.substr(1), name);
}

void write_stack(const Stack& stack, std::ostream& out) {
  if (stack.empty()) out << "    [failed to restore the stack]\n";
  for (std::size_t i = 0; i < stack.size(); ++i) {
    const Frame& frame = stack[i];
    out << fmt::format("    #{} {}", i, frame.function.empty() ? "<null>" : frame.function);
    if (frame.place.known()) {
      out << fmt::format(" {}:{}", frame.place.path.empty() ? frame.place.file : frame.place.path, frame.place.line);
      if (frame.place.column != 0) out << ':' << frame.place.column;
    } else {
      out << " <null>";
    }
    const std::size_t slash = frame.module.rfind('/');
    out << fmt::format(" ({}+{:#x})\n", slash == std::string::npos ? frame.module : frame.module.substr(slash + 1),
                       frame.offset);
  }
  out << '\n';
}

// "Write", "Previous atomic write": only the first word is capitalised.
std::string op_words(const Access& access, bool previous) {
  std::string words = fmt::format("{}{}{}", previous ? "previous " : "", access.atomic ? "atomic " : "", access.op);
  words[0] = static_cast<char>(words[0] - 'a' + 'A');
  return words;
}

std::string kind_words(const Finding& finding) {
  if (finding.rule == "csp-data-race") {
    const bool freed =
        std::any_of(finding.accesses.begin(), finding.accesses.end(), [](const Access& a) { return a.op == "free"; });
    return freed ? "heap-use-after-free" : "data race";
  }
  if (finding.rule == "csp-lock-order") return "lock-order-inversion (potential deadlock)";
  if (finding.rule == "csp-goroutine-leak") return "thread leak";
  if (finding.rule == "csp-double-lock") return "double lock of a mutex";
  if (finding.rule == "csp-unlock-of-unlocked") return "unlock of an unlocked mutex (or by a wrong thread)";
  return finding.message;
}

void write_memory(const Finding& finding, const Memory& memory, std::ostream& out) {
  if (memory.kind == "heap") {
    out << fmt::format("  Location is heap block of size {} at {} allocated by {}:\n", memory.size, memory.address,
                       thread_words(finding, memory.agent));
    write_stack(memory.stack, out);
  } else if (memory.kind == "global") {
    out << fmt::format("  Location is global '{}' of size {} at {}\n\n", memory.name, memory.size, memory.address);
  } else if (memory.kind == "stack") {
    out << fmt::format("  Location is stack of {}.\n\n", thread_words(finding, memory.agent));
  } else if (memory.kind == "tls") {
    out << fmt::format("  Location is TLS of {}.\n\n", thread_words(finding, memory.agent));
  }
}

}  // namespace

void render_tsan(const Report& report, const RenderOptions&, std::ostream& out) {
  for (const Finding& finding : report.findings) {
    if (finding.level == "note") continue;
    out << kRule << "\nWARNING: ThreadSanitizer: " << kind_words(finding) << fmt::format(" (pid={})\n", finding.pid);
    for (std::size_t i = 0; i < finding.accesses.size(); ++i) {
      const Access& access = finding.accesses[i];
      out << fmt::format("  {} of size {} at {} by {}:\n", op_words(access, i > 0), access.size, access.address,
                         thread_words(finding, access.agent));
      write_stack(access.stack, out);
    }
    for (const WaitEdge& edge : finding.edges) {
      out << fmt::format("  Mutex {} acquired here while holding mutex {} in {}:\n", edge.wanted, edge.held,
                         thread_words(finding, edge.agent));
      write_stack(edge.wanted_stack, out);
    }
    if (finding.memory) write_memory(finding, *finding.memory, out);
    for (const Goroutine& g : finding.goroutines) {
      if (finding.accesses.empty() && finding.edges.empty()) {
        out << fmt::format("  {} [{}]:\n", thread_words(finding, g.agent), g.wait_reason);
        write_stack(g.stack, out);
      }
      if (g.creation_stack.empty()) continue;
      std::string words = thread_words(finding, g.agent);
      words[0] = 'T';
      out << fmt::format("  {} ({}) created by {} at:\n", words, g.ended ? "finished" : "running",
                         thread_words(finding, g.created_by));
      write_stack(g.creation_stack, out);
    }
    out << fmt::format("SUMMARY: ThreadSanitizer: {} {} in {}\n", kind_words(finding),
                       finding.place.known()
                           ? fmt::format("{}:{}:{}", finding.place.file, finding.place.line, finding.place.column)
                           : "??",
                       finding.accesses.empty() ? "??" : function_of(finding.accesses.front().stack));
    out << kRule << '\n';
  }
  if (report.problems() > 0) out << fmt::format("ThreadSanitizer: reported {} warnings\n", report.problems());
}

}  // namespace csp::cli
