// A goroutine that nothing can wake, or that merely outlived main.

#include <fmt/format.h>

#include <algorithm>

#include "explain/rules.h"
#include "explain/words.h"

namespace csp::cli {

namespace {

struct Advice {
  std::string_view wait_reason;  // Go's words, as the record has them.
  std::string_view why;          // {} is the object.
  std::string_view help;
};

constexpr Advice kAdvice[] = {
    {"chan send", "nobody who could receive from {} is left",
     "give {} a buffer for the values that may go unread, or select on a context's done() beside the send"},
    {"chan receive", "nobody who could send on {} or close it is left",
     "close {} when its senders are done, or select on a context's done() beside the receive"},
    {"chan send (nil chan)", "a send on a nil channel blocks for ever", "make the channel with csp::make_chan first"},
    {"chan receive (nil chan)", "a receive from a nil channel blocks for ever",
     "make the channel with csp::make_chan first"},
    {"select", "nobody is left who could complete one of its cases",
     "add a case on a context's done(), and cancel the context when the result is no longer wanted"},
    {"select (no cases)", "a select without cases blocks for ever", "return instead, or wait on a done channel"},
    {"sync.Mutex.Lock", "whoever holds {} never unlocks it", "unlock on every path: std::lock_guard does"},
    {"sync.RWMutex.Lock", "whoever holds {} never unlocks it", "unlock on every path: std::lock_guard does"},
    {"sync.RWMutex.RLock", "whoever holds {} never unlocks it", "unlock on every path: std::shared_lock does"},
    {"sync.WaitGroup.Wait", "nobody who could call done() on {} is left",
     "call done() on every path: wg.go(f), or csp::defer, does"},
    {"semacquire", "nobody who could release {} is left", "release on every path: csp::defer does"},
    {"sync.Cond.Wait", "nobody who could signal {} is left", "signal or broadcast after the condition has changed"},
};

const Advice* advice_for(std::string_view wait_reason) {
  for (const Advice& advice : kAdvice) {
    if (advice.wait_reason == wait_reason) return &advice;
  }
  return nullptr;
}

std::string waited_object(const Finding& finding, const Goroutine& g) {
  return g.waiting_on.size() == 1 ? object_name(finding, g.waiting_on.front()) : "what it waits for";
}

}  // namespace

void explain_leak(Finding& finding, SourceCache& sources) {
  if (finding.goroutines.empty()) return explain_misuse(finding, sources);
  name_objects(finding, sources);
  const Goroutine& first = finding.goroutines.front();
  finding.count = std::max<std::uint64_t>(finding.count, finding.goroutines.size());
  finding.place = place_of(first.stack.empty() ? first.creation_stack : first.stack);
  finding.path = call_path(first.stack);
  const std::string state = first.wait_reason.empty() ? "running" : "blocked in " + first.wait_reason;
  const std::string since = first.waiting_ns > 0 ? " for " + duration(first.waiting_ns) : "";
  finding.caption = fmt::format("{} has been here{}", who(finding, first.agent), since);

  if (finding.level == "note") {
    finding.message = fmt::format("{} outlived main: {}",
                                  finding.count == 1 ? "goroutine" : counted(finding.count, "goroutine"), state);
    for (std::size_t i = 1; i < finding.goroutines.size(); ++i) {
      const Goroutine& g = finding.goroutines[i];
      finding.notes.push_back({fmt::format("{} too: {}", who(finding, g.agent),
                                           g.wait_reason.empty() ? "running" : "blocked in " + g.wait_reason),
                               place_of(g.stack.empty() ? g.creation_stack : g.stack), ""});
    }
    finding.help = "wait for it before main returns, if its work matters; --leaks all makes this an error";
    return;
  }
  finding.message = finding.count > 1 ? fmt::format("goroutine leak: {} blocked for ever in {}",
                                                    counted(finding.count, "goroutine"), first.wait_reason)
                                      : fmt::format("goroutine leak: blocked for ever in {}", first.wait_reason);
  add_creation_note(finding, first.agent);
  for (const std::string& address : first.waiting_on) {
    for (const SyncObject& object : finding.objects) {
      if (object.address == address && !object.made_stack.empty()) {
        finding.notes.push_back({fmt::format("{} {}made here", object.kind.empty() ? "object" : object.kind,
                                             object.name.empty() ? "" : "'" + object.name + "' "),
                                 place_of(object.made_stack), ""});
      }
    }
  }
  if (const Advice* advice = advice_for(first.wait_reason)) {
    const std::string object = waited_object(finding, first);
    finding.why = fmt::format(fmt::runtime(advice->why), object);
    finding.help = fmt::format(fmt::runtime(advice->help), object);
  }
}

}  // namespace csp::cli
