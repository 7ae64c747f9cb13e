#include "explain/words.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "symbolize/origin.h"

namespace csp::cli {

namespace {

constexpr std::int64_t kNsPerMs = 1'000'000;
constexpr std::int64_t kMsPerSecond = 1000;
constexpr std::int64_t kMsPerMinute = 60 * kMsPerSecond;

// "f(int) const" -> "f".
std::string without_parameters(std::string name) {
  if (name.ends_with(" const")) name.erase(name.size() - std::string_view(" const").size());
  if (!name.ends_with(')')) return name;
  int depth = 0;
  for (std::size_t i = name.size(); i-- > 0;) {
    if (name[i] == ')') ++depth;
    if (name[i] == '(' && --depth == 0) return name.substr(0, i);
  }
  return name;
}

// "main::$_0::operator()" is known to its author as a lambda in main, and so is one in that lambda.
std::string spoken(const std::string& function) {
  static constexpr std::string_view kCall = "operator()";
  std::string outer = function;
  bool lambda = false;
  while (outer.ends_with("::operator()")) {
    const std::string closure = without_parameters(outer.substr(0, outer.size() - kCall.size() - 2));
    const std::size_t last = closure.rfind(closure.ends_with('}') ? "::{" : "::");
    const std::string_view tail = std::string_view(closure).substr(last == std::string::npos ? 0 : last + 2);
    if (!tail.starts_with("$_") && !tail.starts_with("{lambda") && !tail.starts_with("'lambda")) break;
    lambda = true;
    outer = last == std::string::npos ? "" : without_parameters(closure.substr(0, last));
  }
  // GCC gives a lambda no other name.
  if (outer.empty() || outer == kCall) return "a lambda";
  const std::string name = outer.ends_with(')') ? outer : outer + "()";
  return lambda ? "a lambda of " + name : name;
}

}  // namespace

const Goroutine* goroutine_of(const Finding& finding, const std::string& agent) {
  const auto found = std::find_if(finding.goroutines.begin(), finding.goroutines.end(),
                                  [&](const Goroutine& g) { return g.agent == agent; });
  return found != finding.goroutines.end() && !agent.empty() ? &*found : nullptr;
}

std::string who_briefly(const std::string& agent) {
  if (agent == "t0") return "the main thread";
  if (agent.starts_with('g')) return "goroutine " + agent.substr(1);
  if (agent.starts_with('t')) return "thread " + agent.substr(1);
  return "an unknown thread";
}

std::string who(const Finding& finding, const std::string& agent) {
  const std::string base = who_briefly(agent);
  if (const Goroutine* g = goroutine_of(finding, agent); g != nullptr && !g->name.empty() && g->name != "main") {
    return fmt::format("{} \"{}\"", base, g->name);
  }
  return agent == "g1" ? base + " (main)" : base;
}

std::string bytes(std::uint64_t size) { return counted(size, "byte"); }

std::string duration(std::int64_t ns) {
  const std::int64_t ms = ns / kNsPerMs;
  if (ms >= kMsPerMinute) return fmt::format("{} min", ms / kMsPerMinute);
  if (ms >= kMsPerSecond) return fmt::format("{:.1f} s", static_cast<double>(ms) / static_cast<double>(kMsPerSecond));
  return fmt::format("{} ms", ms);
}

std::string counted(std::uint64_t count, const std::string& noun) {
  if (count == 1) return "1 " + noun;
  const bool sibilant = noun.ends_with('s') || noun.ends_with("ch") || noun.ends_with('x');
  return fmt::format("{} {}{}", count, noun, sibilant ? "es" : "s");
}

Place place_of(const Stack& stack) {
  const Frame* frame = first_of_project(stack);
  return frame != nullptr ? frame->place : Place{};
}

std::string function_of(const Stack& stack) {
  const Frame* frame = first_of_project(stack);
  return frame != nullptr ? frame->function : "";
}

std::string line_of(const Place& place) {
  return place.known() ? fmt::format("{}:{}", place.file, place.line) : "an unknown place";
}

std::string call_path(const Stack& stack) {
  static constexpr std::size_t kWidthMax = 90;
  const Stack frames = of_project(stack);
  if (frames.size() < 2 || frames.front().function.empty() || frames.front().origin != Origin::kProject) return "";
  std::string result = "in " + spoken(frames.front().function);
  for (std::size_t i = 1; i < frames.size(); ++i) {
    const std::string caller = fmt::format("{} {} at {}", i == 1 ? ", called from" : ", from",
                                           spoken(frames[i].function), line_of(frames[i].place));
    if (i > 1 && result.size() + caller.size() > kWidthMax) return result + ", ...";
    result += caller;
  }
  return result;
}

std::string accessed_name(const Stack& stack, SourceCache& sources) {
  const Place place = place_of(stack);
  const std::optional<std::string> line = sources.line(place);
  return line ? accessed_name(*line, place.column) : "";
}

std::string receiver_name(const Stack& stack, SourceCache& sources) {
  const Place place = place_of(stack);
  const std::optional<std::string> line = sources.line(place);
  return line ? receiver_name(*line, place.column) : "";
}

std::string object_name(const Finding& finding, const std::string& address) {
  std::size_t same_kind = 0;
  std::size_t ordinal = 0;
  const SyncObject* found = nullptr;
  for (const SyncObject& object : finding.objects) {
    if (object.address == address) found = &object;
  }
  if (found == nullptr) return address;
  if (!found->name.empty()) return fmt::format("'{}'", found->name);
  for (const SyncObject& object : finding.objects) {
    if (!object.name.empty() || object.kind != found->kind) continue;
    if (&object == found) ordinal = same_kind;
    ++same_kind;
  }
  if (same_kind == 1) return "the " + found->kind;
  return ordinal < 26 ? fmt::format("{} {}", found->kind, static_cast<char>('A' + ordinal))
                      : found->kind + " " + address;
}

void name_objects(Finding& finding, SourceCache& sources) {
  std::map<std::string, std::set<std::string>> candidates;  // Address -> what its uses call it.
  const auto use = [&](const std::string& address, const Stack& stack) {
    candidates[address].insert(receiver_name(stack, sources));
  };
  for (const WaitEdge& edge : finding.edges) {
    use(edge.held, edge.held_stack);
    use(edge.wanted, edge.wanted_stack);
  }
  for (const Goroutine& g : finding.goroutines) {
    if (g.waiting_on.size() == 1) use(g.waiting_on.front(), g.stack);
  }
  for (SyncObject& object : finding.objects) {
    const std::set<std::string>& names = candidates[object.address];
    if (object.name.empty() && names.size() == 1) object.name = *names.begin();
  }
  // A name that two objects share tells them not apart: members of two values of a type.
  std::map<std::string, int> uses;
  for (const SyncObject& object : finding.objects) ++uses[object.name];
  for (SyncObject& object : finding.objects) {
    if (uses[object.name] > 1) object.name.clear();
  }
}

void add_creation_note(Finding& finding, const std::string& agent) {
  const Goroutine* g = goroutine_of(finding, agent);
  if (g == nullptr || g->creation_stack.empty() || agent == "g1") return;
  const std::string by = g->created_by.empty() ? "" : " by " + who(finding, g->created_by);
  finding.notes.push_back({fmt::format("{} created here{}", who(finding, agent), by), place_of(g->creation_stack), ""});
}

}  // namespace csp::cli
