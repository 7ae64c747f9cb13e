// A program that claims findings of every kind, with stacks of its own functions. It drives the tool from end to
// end without a detector: what is claimed is known exactly, so the words printed about it can be compared.
//
// usage: fixture MODE...   each one of the modes below; the last may end the process

#include <execinfo.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "csp/report/report.h"

namespace report = csp::report;

namespace fixture {

struct Pcs {
  std::array<std::uintptr_t, 32> pcs{};
  std::size_t size = 0;
  operator report::Stack() const { return {pcs.data(), size}; }
};

// The callers of the caller, innermost first.
[[gnu::noinline]] Pcs here() {
  std::array<void*, 32> frames{};
  const int count = backtrace(frames.data(), static_cast<int>(frames.size()));
  Pcs result;
  for (int i = 1; i < count; ++i)
    result.pcs[result.size++] = reinterpret_cast<std::uintptr_t>(frames[static_cast<std::size_t>(i)]);
  return result;
}

constexpr report::AgentId kMain{report::AgentId::Kind::kGoroutine, 1};
constexpr report::AgentId kWorker{report::AgentId::Kind::kGoroutine, 7};
constexpr report::AgentId kReader{report::AgentId::Kind::kGoroutine, 8};

int hits = 0;
int lock_a = 0;
int lock_b = 0;

struct Channel {
  Pcs send(int) const { return here(); }
  Pcs recv() const { return here(); }
};
struct Mutex {
  Pcs lock() const { return here(); }
};

// The stacks start in here(): the frame above it is the user's.
Pcs from_caller(Pcs pcs) {
  for (std::size_t i = 1; i < pcs.size; ++i) pcs.pcs[i - 1] = pcs.pcs[i];
  --pcs.size;
  return pcs;
}

[[gnu::noinline]] Pcs bump(int& counter) {
  Pcs pcs;
  counter += static_cast<int>((pcs = here()).size);
  return pcs;
}

[[gnu::noinline]] Pcs get() { return here(); }

[[gnu::noinline]] Pcs work() { return bump(hits); }

report::AgentInfo agent(report::AgentId id, const char* name, const Pcs& created) {
  report::AgentInfo info;
  info.agent = id;
  info.name = name;
  info.created_by = kMain;
  info.creation_stack = created;
  return info;
}

std::uint32_t race() {
  const Pcs write = work();
  const Pcs read = get();
  const Pcs created_worker = here();
  const Pcs created_reader = here();
  const std::array<report::Access, 2> accesses = {
      report::Access{
          report::Op::kWrite, false, reinterpret_cast<std::uintptr_t>(&hits), sizeof hits, kWorker, write, {}},
      report::Access{
          report::Op::kRead, false, reinterpret_cast<std::uintptr_t>(&hits), sizeof hits, kReader, read, {}}};
  const std::array<report::AgentInfo, 2> agents = {agent(kWorker, "worker", created_worker),
                                                   agent(kReader, "", created_reader)};
  report::Finding finding;
  finding.rule = "csp-data-race";
  finding.accesses = {accesses.data(), accesses.size()};
  finding.agents = {agents.data(), agents.size()};
  finding.location = {report::Location::Kind::kGlobal, reinterpret_cast<std::uintptr_t>(&hits), sizeof hits, {}, {}};
  return report::publish(finding);
}

std::uint32_t leak(report::Grade grade) {
  const Channel results;
  const Pcs blocked = from_caller(results.send(1));
  const Pcs created = here();
  report::AgentInfo info = agent(kWorker, "fetch", created);
  const std::uintptr_t channel = 0x1000;
  info.wait_reason = "chan send";
  info.waiting_ns = 2'100'000'000;
  info.waiting_on = {&channel, 1};
  info.stack = blocked;
  report::Finding finding;
  finding.rule = "csp-goroutine-leak";
  finding.grade = grade;
  finding.agents = {&info, 1};
  return report::publish(finding);
}

std::uint32_t cycle(const char* rule, report::Grade grade) {
  const Mutex a, b;
  const Pcs held_a = from_caller(a.lock());
  const Pcs wanted_b = from_caller(b.lock());
  const Pcs held_b = from_caller(b.lock());
  const Pcs wanted_a = from_caller(a.lock());
  const std::uintptr_t at_a = reinterpret_cast<std::uintptr_t>(&lock_a);
  const std::uintptr_t at_b = reinterpret_cast<std::uintptr_t>(&lock_b);
  const std::array<report::WaitEdge, 2> edges = {report::WaitEdge{kWorker, at_a, held_a, at_b, wanted_b},
                                                 report::WaitEdge{kReader, at_b, held_b, at_a, wanted_a}};
  report::Finding finding;
  finding.rule = rule;
  finding.grade = grade;
  finding.edges = {edges.data(), edges.size()};
  return report::publish(finding);
}

std::uint32_t panic(const char* rule, const char* message) {
  const Pcs stack = here();
  report::AgentInfo info = agent(kWorker, "", {});
  info.stack = stack;
  report::Finding finding;
  finding.rule = rule;
  finding.message = message;
  finding.agents = {&info, 1};
  return report::publish(finding);
}

void fork_race() {
  const pid_t child = fork();
  if (child == 0) {
    report::begin({true, true});
    race();
    report::end();
    _exit(0);
  }
  waitpid(child, nullptr, 0);
}

}  // namespace fixture

int main(int argc, char** argv) {
  using namespace fixture;
  const std::string first = argc > 1 ? argv[1] : "";
  report::begin({first != "plain", true});
  for (int i = 1; i < argc; ++i) {
    const std::string mode = argv[i];
    if (mode == "race") report::publish_count(race(), 412);
    if (mode == "many") {
      for (int k = 0; k < 12; ++k) panic("csp-panic", ("number " + std::to_string(k)).c_str());
    }
    if (mode == "twice") race(), race();
    if (mode == "leak") leak(report::Grade::kWarning);
    if (mode == "note") leak(report::Grade::kNote);
    if (mode == "deadlock") cycle("csp-deadlock", report::Grade::kError);
    if (mode == "lock_order") cycle("csp-lock-order", report::Grade::kWarning);
    if (mode == "panic") panic("csp-send-on-closed", "send on closed channel");
    if (mode == "unheard") panic("csp-from-the-future", "something new");
    if (mode == "fork") fork_race();
    if (mode == "output") {
      for (int k = 0; k < 100'000; ++k) std::printf("%064d\n", k);
    }
    if (mode == "stderr") std::fprintf(stderr, "the program's own words\n");
    if (mode == "crash") raise(SIGSEGV);
    if (mode == "killed") raise(SIGKILL);
    if (mode == "wait") {
      // Tells that it is there, then waits for a signal. Interrupted, it ends as a program that handles Ctrl-C does.
      signal(SIGINT, [](int) { _exit(5); });
      std::printf("ready\n");
      std::fflush(stdout);
      for (;;) pause();
    }
    if (mode.starts_with("exit")) {
      report::add_totals({2, 1, 0, 0});
      report::end();
      std::exit(std::atoi(mode.c_str() + 4));
    }
  }
  report::add_totals({11, 2, 0, 0});
  report::end();
  return 0;
}
