// Goroutines that wait for each other, and those that would with another timing.

#include <fmt/format.h>

#include "explain/rules.h"
#include "explain/words.h"

namespace csp::cli {

namespace {

// "'a' --> 'b' --> 'a'": each is held while the next is wanted.
std::string draw_locks(const Finding& finding) {
  std::string result;
  for (const WaitEdge& edge : finding.edges) result += object_name(finding, edge.held) + " --> ";
  return result + object_name(finding, finding.edges.front().held);
}

// "goroutine 7 --'b'--> goroutine 8 --'a'--> goroutine 7": each waits for what the next holds.
std::string draw_waits(const Finding& finding) {
  std::string result;
  for (const WaitEdge& edge : finding.edges) {
    result += fmt::format("{} --{}--> ", who_briefly(edge.agent), object_name(finding, edge.wanted));
  }
  return result + who_briefly(finding.edges.front().agent);
}

constexpr std::int64_t kNsShown = 1'000'000;  // Less is no time for a reader.

std::string waits_words(const Finding& finding, const Goroutine& g) {
  std::string result = fmt::format("{} waits here", who(finding, g.agent));
  if (!g.wait_reason.empty()) result += fmt::format(" in {}", g.wait_reason);
  if (g.waiting_on.size() == 1) result += fmt::format(" on {}", object_name(finding, g.waiting_on.front()));
  if (g.waiting_ns >= kNsShown) result += fmt::format(", for {}", duration(g.waiting_ns));
  return result;
}

void explain_cycle(Finding& finding) {
  const bool alone = finding.edges.size() == 1;
  finding.message = alone ? fmt::format("deadlock: a goroutine waits for {}, which it holds itself",
                                        object_name(finding, finding.edges.front().wanted))
                          : fmt::format("deadlock: {} wait for each other", counted(finding.edges.size(), "goroutine"));
  for (std::size_t i = 0; i < finding.edges.size(); ++i) {
    const WaitEdge& edge = finding.edges[i];
    const std::string words =
        fmt::format("{} waits for {} here", who(finding, edge.agent), object_name(finding, edge.wanted));
    if (i == 0) {
      finding.place = place_of(edge.wanted_stack);
      finding.path = call_path(edge.wanted_stack);
      finding.caption = words;
    } else {
      finding.notes.push_back({words, place_of(edge.wanted_stack), call_path(edge.wanted_stack)});
    }
    if (!edge.held_stack.empty()) {
      finding.notes.push_back(
          {fmt::format("and holds {} since here", object_name(finding, edge.held)), place_of(edge.held_stack), ""});
    }
  }
  finding.drawing = draw_waits(finding);
  finding.help = alone ? "unlock it first, or split the function into a locking and a locked part"
                       : "take the locks in the same order everywhere, or all at once with std::scoped_lock";
}

void explain_everyone_asleep(Finding& finding) {
  static constexpr std::size_t kGoroutinesShown = 8;
  finding.message = finding.goroutines.empty()
                        ? "deadlock: all goroutines are asleep"
                        : fmt::format("deadlock: all goroutines are asleep ({})", finding.goroutines.size());
  for (std::size_t i = 0; i < finding.goroutines.size(); ++i) {
    const Goroutine& g = finding.goroutines[i];
    if (i == 0) {
      finding.place = place_of(g.stack);
      finding.path = call_path(g.stack);
      finding.caption = waits_words(finding, g);
    } else if (i < kGoroutinesShown) {
      finding.notes.push_back({waits_words(finding, g), place_of(g.stack), call_path(g.stack)});
    }
  }
  if (finding.goroutines.size() > kGoroutinesShown) {
    finding.notes.push_back(
        {fmt::format("and {} more", counted(finding.goroutines.size() - kGoroutinesShown, "goroutine")), {}, ""});
  }
  if (finding.goroutines.size() == 1) {
    finding.why = "no other goroutine or thread is left that could wake it";
  } else {
    finding.why = "each waits for something that only another of them could do";
  }
  const std::string reason = finding.goroutines.empty() ? "" : finding.goroutines.front().wait_reason;
  if (reason == "chan send") {
    finding.help = "start the receiver before sending, or give the channel a buffer";
  } else if (reason == "chan receive") {
    finding.help = "send from another goroutine, or close the channel when its senders are done";
  } else if (reason == "sync.WaitGroup.Wait") {
    finding.help = "call done() once for each add(): wg.go(f) does";
  } else if (reason == "sync.Mutex.Lock") {
    finding.help = "unlock on every path: std::lock_guard does";
  }
}

}  // namespace

void explain_deadlock(Finding& finding, SourceCache& sources) {
  name_objects(finding, sources);
  if (!finding.edges.empty()) {
    explain_cycle(finding);
    for (const WaitEdge& edge : std::vector<WaitEdge>(finding.edges)) add_creation_note(finding, edge.agent);
  } else {
    explain_everyone_asleep(finding);
  }
}

void explain_lock_order(Finding& finding, SourceCache& sources) {
  if (finding.edges.empty()) return explain_misuse(finding, sources);
  name_objects(finding, sources);
  const auto& edges = finding.edges;
  finding.message = edges.size() == 2
                        ? fmt::format("lock order inversion: {} and {} are taken in both orders",
                                      object_name(finding, edges[0].held), object_name(finding, edges[0].wanted))
                        : fmt::format("lock order inversion: {} in a cycle", counted(edges.size(), "lock"));
  for (std::size_t i = 0; i < edges.size(); ++i) {
    const WaitEdge& edge = edges[i];
    const std::string words = fmt::format("{} takes {} while it holds {}", who(finding, edge.agent),
                                          object_name(finding, edge.wanted), object_name(finding, edge.held));
    if (i == 0) {
      finding.place = place_of(edge.wanted_stack);
      finding.path = call_path(edge.wanted_stack);
      finding.caption = words;
    } else {
      finding.notes.push_back({words, place_of(edge.wanted_stack), call_path(edge.wanted_stack)});
    }
    finding.notes.push_back(
        {fmt::format("{} taken here", object_name(finding, edge.held)), place_of(edge.held_stack), ""});
  }
  finding.drawing = draw_locks(finding);
  finding.why = "with another timing each of them holds one lock and waits for the next for ever";
  finding.help = "take the locks in the same order everywhere, or all at once with std::scoped_lock";
}

}  // namespace csp::cli
