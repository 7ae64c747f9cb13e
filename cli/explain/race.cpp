// Two accesses that nothing orders.

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "explain/rules.h"
#include "explain/words.h"

namespace csp::cli {

namespace {

std::string op_words(const Access& access) { return (access.atomic ? "atomic " : "") + access.op; }

std::string locks_words(const Finding& finding, const Access& access) {
  if (access.locks.empty()) return "";
  std::string result = ", holding ";
  for (std::size_t i = 0; i < access.locks.size(); ++i) {
    result += (i == 0 ? "" : ", ") + object_name(finding, access.locks[i]);
  }
  return result;
}

bool is_direct(const Access& access) {
  return !access.stack.empty() && access.stack.front().origin == Origin::kProject;
}

// What the source calls the memory: the way to name a local or a member. Accesses inside of the library's code
// are named by what its function is called on. Both sides must agree, or one be unclear and at least mention the name.
std::string common_name(const Finding& finding, SourceCache& sources) {
  std::string name;
  for (const Access& access : finding.accesses) {
    const std::string here =
        is_direct(access) ? accessed_name(access.stack, sources) : receiver_name(access.stack, sources);
    if (!here.empty() && !name.empty() && here != name) return "";
    if (!here.empty()) name = here;
  }
  const auto mentions = [&](const Access& access) {
    const std::optional<std::string> line = sources.line(place_of(access.stack));
    return line && mentions_name(*line, name);
  };
  return !name.empty() && std::all_of(finding.accesses.begin(), finding.accesses.end(), mentions) ? name : "";
}

std::string memory_words(const Finding& finding, const std::string& name, std::uint64_t size) {
  const Memory memory = finding.memory.value_or(Memory{});
  std::string where;
  if (memory.kind == "global") where = "global, ";
  if (memory.kind == "tls") where = "thread-local, ";
  if (memory.kind == "heap") where = "heap, ";
  if (memory.kind == "stack") {
    where = memory.agent.empty() ? "stack, " : fmt::format("stack of {}, ", who_briefly(memory.agent));
  }
  if (!name.empty()) return fmt::format("'{}' ({}{})", name, where, bytes(size));
  const auto frees = [](const Access& access) { return access.op == "free"; };
  if (std::any_of(finding.accesses.begin(), finding.accesses.end(), frees)) return "a heap block that is freed";
  if (memory.kind == "heap") return fmt::format("a heap block ({} of {})", size, bytes(memory.size));
  return fmt::format("memory at {} ({}{})", finding.accesses.front().address, where, bytes(size));
}

bool shares_lock(const Access& a, const Access& b) {
  return std::any_of(a.locks.begin(), a.locks.end(), [&](const std::string& lock) {
    return std::find(b.locks.begin(), b.locks.end(), lock) != b.locks.end();
  });
}

bool created(const Finding& finding, const Access& parent, const Access& child) {
  const Goroutine* g = goroutine_of(finding, child.agent);
  return g != nullptr && !parent.agent.empty() && g->created_by == parent.agent;
}

void advise(Finding& finding, const std::string& name) {
  const Access& a = finding.accesses[0];
  const Access& b = finding.accesses[1];
  const bool threads = a.agent.starts_with('t') && b.agent.starts_with('t');
  const std::string mutex = threads ? "std::mutex" : "csp::Mutex";
  const std::string it = name.empty() ? "it" : fmt::format("'{}'", name);
  if (!a.locks.empty() && !b.locks.empty() && !shares_lock(a, b)) {
    finding.why = "each side holds a lock, but not the same one";
    finding.help = fmt::format("guard every access to {} with one and the same mutex", it);
    return;
  }
  if (a.locks.empty() != b.locks.empty()) {
    const Access& with = a.locks.empty() ? b : a;
    const Access& without = a.locks.empty() ? a : b;
    const std::string lock = object_name(finding, with.locks.front());
    finding.why = fmt::format("only one side holds {}", lock);
    finding.help = fmt::format("hold {} for the {} at {} too", lock, without.op, line_of(place_of(without.stack)));
    return;
  }
  if (a.atomic != b.atomic) {
    const Access& plain = a.atomic ? b : a;
    finding.why = fmt::format("one side is atomic, but the {} at {} is not", plain.op, line_of(place_of(plain.stack)));
    finding.help = "make every access to it atomic";
    return;
  }
  finding.why = fmt::format("nothing orders the two: no channel operation, lock, wait or join between {} and {}",
                            who_briefly(b.agent), who_briefly(a.agent));
  if (a.op == "free" || b.op == "free") {
    finding.help = "wait for everyone who uses the memory before freeing it, or share its ownership";
  } else if (created(finding, a, b) || created(finding, b, a)) {
    const std::string& child = created(finding, a, b) ? b.agent : a.agent;
    const std::string wait = threads ? "join {}" : "wait for {} (csp::WaitGroup, or a channel)";
    finding.help =
        fmt::format(fmt::runtime(wait + " before using {}, or guard both with one {}"), who_briefly(child), it, mutex);
  } else if (is_direct(a) && is_direct(b) && std::max(a.size, b.size) <= sizeof(std::uint64_t)) {
    finding.help = fmt::format("guard every access to {} with one {}, or make it a std::atomic", it, mutex);
  } else {
    finding.help = fmt::format("guard every access to {} with one {}, or let one {} own it", it, mutex,
                               threads ? "thread" : "goroutine");
  }
}

}  // namespace

void explain_race(Finding& finding, SourceCache& sources) {
  if (finding.accesses.size() < 2) return explain_misuse(finding, sources);
  const Access& last = finding.accesses[0];
  const Access& earlier = finding.accesses[1];
  std::string name = finding.memory ? finding.memory->name : "";
  if (name.empty()) name = common_name(finding, sources);
  if (finding.memory) finding.memory->name = name;

  const std::uint64_t size = std::max(last.size, earlier.size);
  finding.message =
      finding.rule == "csp-data-race"
          ? fmt::format("data race on {}", memory_words(finding, name, size))
          : fmt::format("{}", finding.message.empty() ? "close of a channel races with a send" : finding.message);
  finding.place = place_of(last.stack);
  finding.path = call_path(last.stack);
  finding.caption = fmt::format("{} by {}{}", op_words(last), who(finding, last.agent), locks_words(finding, last));
  finding.notes.push_back({fmt::format("previous {} by {}{}", op_words(earlier), who(finding, earlier.agent),
                                       locks_words(finding, earlier)),
                           place_of(earlier.stack), call_path(earlier.stack)});
  if (finding.memory && finding.memory->kind == "heap" && !finding.memory->stack.empty()) {
    finding.notes.push_back(
        {fmt::format("heap block of {} allocated here{}", bytes(finding.memory->size),
                     finding.memory->agent.empty() ? "" : " by " + who(finding, finding.memory->agent)),
         place_of(finding.memory->stack), ""});
  }
  add_creation_note(finding, last.agent);
  if (earlier.agent != last.agent) add_creation_note(finding, earlier.agent);
  advise(finding, name);
}

}  // namespace csp::cli
