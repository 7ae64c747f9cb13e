#include "explain/fingerprint.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <vector>

#include "symbolize/origin.h"

namespace csp::cli {

namespace {

// FNV-1a: short, and the same on every machine and in every release.
std::uint64_t hash(const std::string& text) {
  std::uint64_t value = 0xcbf29ce484222325;
  for (const char c : text) value = (value ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return value;
}

std::string identity(const Stack& stack) {
  const Frame* frame = first_of_project(stack);
  return frame != nullptr ? frame->function + "@" + frame->place.file : "";
}

}  // namespace

// The mistake, not its occurrence: functions and files, no lines, no addresses; both sides of a race in one order.
std::string fingerprint(const Finding& finding) {
  std::vector<std::string> sides;
  for (const Access& access : finding.accesses) sides.push_back(access.op + identity(access.stack));
  for (const WaitEdge& edge : finding.edges) sides.push_back(identity(edge.held_stack) + identity(edge.wanted_stack));
  if (sides.empty()) {
    for (const Goroutine& g : finding.goroutines) sides.push_back(g.wait_reason + identity(g.stack));
  }
  if (sides.empty()) sides.push_back(finding.place.file + finding.message);
  std::sort(sides.begin(), sides.end());
  sides.erase(std::unique(sides.begin(), sides.end()), sides.end());
  std::string text = finding.rule + "|" + (finding.memory ? finding.memory->name : "");
  for (const std::string& side : sides) text += "|" + side;
  return fmt::format("{:016x}", hash(text));
}

}  // namespace csp::cli
