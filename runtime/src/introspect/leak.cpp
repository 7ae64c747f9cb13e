#include "csp/leak.h"

#include <algorithm>
#include <optional>
#include <sstream>

#include "csp/debug.h"
#include "csp/go.h"
#include "csp/inspect.h"
#include "csp/mutex.h"
#include "csp/time.h"

namespace csp::leak {
namespace {

using std::chrono::nanoseconds;

constexpr std::uint64_t kMainId = 1;
constexpr nanoseconds kMaxWait = std::chrono::milliseconds(440);
constexpr nanoseconds kFirstPause = std::chrono::microseconds(10);
constexpr nanoseconds kLongestPause = std::chrono::milliseconds(10);

std::string without_templates(std::string_view name) {
  std::string plain;
  int angles = 0;
  for (const char c : name) {
    if (c == '<') ++angles;
    if (angles == 0) plain += c;
    if (c == '>') --angles;
  }
  return plain;
}

std::string_view last_component(std::string_view name) {
  int angles = 0;
  for (std::size_t i = name.size(); i-- > 1;) {
    if (name[i] == '>') ++angles;
    if (name[i] == '<') --angles;
    if (angles == 0 && name[i] == ':' && name[i - 1] == ':') return name.substr(i + 1);
  }
  return name;
}

/// Whether a user would call `function`, which has no parameters, `wanted`.
bool is_named(std::string_view function, std::string_view wanted) {
  const std::string plain = without_templates(function);
  return wanted == function || wanted == plain || wanted == last_component(function) || wanted == last_component(plain);
}

bool is_left_out(const GoroutineInfo& goroutine, const Option& option) {
  switch (option.kind) {
    case Option::Kind::kTopFunction:
      return !goroutine.stack.empty() && is_named(goroutine.stack.front().function, option.function);
    case Option::Kind::kAnyFunction:
      return std::any_of(goroutine.stack.begin(), goroutine.stack.end(),
                         [&](const Frame& frame) { return is_named(frame.function, option.function); });
    case Option::Kind::kCreatedBy:
      return is_named(goroutine.created_by.function, option.function);
    case Option::Kind::kCurrent:
      return std::binary_search(option.ids.begin(), option.ids.end(), goroutine.id);
    case Option::Kind::kMaxWait:
      return false;
  }
  return false;
}

std::vector<GoroutineInfo> left(const std::vector<Option>& options) {
  std::vector<GoroutineInfo> all = goroutines();
  const std::uint64_t caller = goroutine_id();
  std::erase_if(all, [&](const GoroutineInfo& goroutine) {
    return goroutine.id == caller || goroutine.id == kMainId ||
           std::any_of(options.begin(), options.end(),
                       [&](const Option& option) { return is_left_out(goroutine, option); });
  });
  return all;
}

bool alike(const GoroutineInfo& a, const GoroutineInfo& b) {
  return a.wait_reason == b.wait_reason && a.state == b.state && a.created_by.function == b.created_by.function &&
         a.created_by.line == b.created_by.line &&
         std::equal(a.stack.begin(), a.stack.end(), b.stack.begin(), b.stack.end(), [](const Frame& x, const Frame& y) {
           return x.function == y.function && x.file == y.file && x.line == y.line;
         });
}

void print_frame(std::ostream& out, const char* indent, const Frame& frame) {
  out << indent << (frame.function.empty() ? "?" : frame.function);
  if (!frame.file.empty()) out << "  " << frame.file << ':' << frame.line;
  out << '\n';
}

void print_group(std::ostream& out, const std::vector<const GoroutineInfo*>& group) {
  const GoroutineInfo& first = *group.front();
  out << (group.size() == 1 ? "goroutine " : std::to_string(group.size()) + " goroutines ");
  out << '[' << (first.wait_reason.empty() ? "not blocked" : first.wait_reason) << "], id";
  constexpr std::size_t kIdsShown = 8;
  for (std::size_t i = 0; i < group.size() && i < kIdsShown; ++i) {
    out << ' ' << group[i]->id;
    if (!group[i]->name.empty()) out << " \"" << group[i]->name << '"';
  }
  out << (group.size() > kIdsShown ? " ...:\n" : ":\n");
  for (const Frame& frame : first.stack) print_frame(out, "    ", frame);
  if (!first.created_by.function.empty()) print_frame(out, "  created by ", first.created_by);
}

// Two provers at once would wait for each other to stand still.
Mutex proving;

}  // namespace

Option ignore_top_function(std::string_view function) {
  return {Option::Kind::kTopFunction, std::string(function), {}, {}};
}

Option ignore_any_function(std::string_view function) {
  return {Option::Kind::kAnyFunction, std::string(function), {}, {}};
}

Option ignore_created_by(std::string_view function) {
  return {Option::Kind::kCreatedBy, std::string(function), {}, {}};
}

Option ignore_current() {
  Option option{Option::Kind::kCurrent, {}, {}, {}};
  for (const GoroutineInfo& goroutine : goroutines()) option.ids.push_back(goroutine.id);
  std::sort(option.ids.begin(), option.ids.end());
  return option;
}

Option detail::max_wait_ns(nanoseconds limit) { return {Option::Kind::kMaxWait, {}, {}, limit}; }

std::vector<GoroutineInfo> detail::find(std::vector<Option> options) {
  nanoseconds limit = kMaxWait;
  for (const Option& option : options) {
    if (option.kind == Option::Kind::kMaxWait) limit = option.wait;
  }
  const TimePoint deadline = now() + limit;
  for (nanoseconds pause = kFirstPause;; pause = std::min(pause * 2, kLongestPause)) {
    // Before the look, which may be slow when it reads debug information: the last one begins after the deadline.
    const TimePoint present = now();
    std::vector<GoroutineInfo> found = left(options);
    if (found.empty() || present >= deadline) return found;
    sleep(std::min<nanoseconds>(pause, deadline - present));
  }
}

std::vector<GoroutineInfo> prove() {
  const hooks::Prover* prover = hooks::prover();
  if (prover == nullptr) return {};
  std::vector<std::uint64_t> ids(num_goroutines() + 64);
  {
    const std::lock_guard guard(proving);
    std::size_t count = prover->prove(ids.data(), ids.size());
    if (count > ids.size()) {
      ids.resize(count);
      count = std::min(prover->prove(ids.data(), ids.size()), ids.size());
    }
    ids.resize(count);
  }
  if (ids.empty()) return {};
  std::sort(ids.begin(), ids.end());
  std::vector<GoroutineInfo> all = goroutines();
  std::erase_if(
      all, [&](const GoroutineInfo& goroutine) { return !std::binary_search(ids.begin(), ids.end(), goroutine.id); });
  return all;
}

std::string describe(const std::vector<GoroutineInfo>& leaks) {
  if (leaks.empty()) return {};
  std::vector<std::vector<const GoroutineInfo*>> groups;
  for (const GoroutineInfo& goroutine : leaks) {
    const auto group =
        std::find_if(groups.begin(), groups.end(), [&](const auto& g) { return alike(*g.front(), goroutine); });
    if (group == groups.end())
      groups.push_back({&goroutine});
    else
      group->push_back(&goroutine);
  }
  std::ostringstream out;
  out << leaks.size() << (leaks.size() == 1 ? " goroutine is" : " goroutines are") << " still there\n";
  for (const auto& group : groups) print_group(out, group);
  return out.str();
}

}  // namespace csp::leak
