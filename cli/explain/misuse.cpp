// What the runtime refuses: panics, and fatal errors. One agent, one place, the runtime's own words.

#include <fmt/format.h>

#include "explain/rules.h"
#include "explain/words.h"
#include "symbolize/origin.h"

namespace csp::cli {

namespace {

struct Advice {
  std::string_view rule;
  std::string_view help;
};

constexpr Advice kAdvice[] = {
    {"csp-send-on-closed",
     "let the sender close the channel, after its last send; with several senders, after wg.wait()"},
    {"csp-double-close", "let one goroutine own the channel and close it, or close it in a csp::Once"},
    {"csp-close-nil", "make the channel with csp::make_chan before anybody may close it"},
    {"csp-waitgroup-misuse", "call add() before the goroutine starts, and done() once in it: wg.go(f) does both"},
    {"csp-double-lock", "split the function into one that locks and one that expects the lock to be held"},
    {"csp-unlock-of-unlocked", "pair every unlock with one lock: std::lock_guard does"},
    {"csp-concurrent-map", "guard the map with a csp::RwMutex, or use csp::SyncMap"},
    {"csp-panic", "catch the exception inside the goroutine, or return the error over a channel or csp::ErrGroup"},
};

}  // namespace

void explain_misuse(Finding& finding, SourceCache& sources) {
  if (!finding.edges.empty()) return explain_deadlock(finding, sources);  // A double lock that hangs.
  name_objects(finding, sources);
  const Rule* rule = find_rule(finding.rule);
  if (finding.message.empty()) finding.message = rule != nullptr ? std::string(rule->noun) : finding.rule;
  if (finding.rule == "csp-panic" && !finding.message.starts_with("panic"))
    finding.message = "panic: " + finding.message;
  if (!finding.goroutines.empty()) {
    const Goroutine& g = finding.goroutines.front();
    finding.place = place_of(has_project_frame(g.stack) ? g.stack : g.creation_stack);
    if (!finding.place.known()) finding.place = place_of(g.stack);
    finding.path = call_path(g.stack);
    finding.caption = "by " + who(finding, g.agent);
    add_creation_note(finding, g.agent);
  } else if (!finding.accesses.empty()) {
    const Access& access = finding.accesses.front();
    finding.place = place_of(access.stack);
    finding.path = call_path(access.stack);
    finding.caption = "by " + who(finding, access.agent);
    add_creation_note(finding, access.agent);
  }
  for (std::size_t i = 1; i < finding.accesses.size(); ++i) {
    const Access& access = finding.accesses[i];
    finding.notes.push_back({fmt::format("previous {} by {}", access.op, who(finding, access.agent)),
                             place_of(access.stack), call_path(access.stack)});
  }
  for (const SyncObject& object : finding.objects) {
    if (object.made_stack.empty()) continue;
    finding.notes.push_back(
        {fmt::format("{} {}made here", object.kind, object.name.empty() ? "" : "'" + object.name + "' "),
         place_of(object.made_stack), ""});
  }
  for (const Advice& advice : kAdvice) {
    if (advice.rule == finding.rule) finding.help = advice.help;
  }
}

}  // namespace csp::cli
