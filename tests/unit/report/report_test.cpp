// What publish() writes is what README.md of the report library says, read back by a JSON parser that is not ours.
//
// The record file of a process is settled by its first begin(), so each case runs in a child of its own.

#include "csp/report/report.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <cerrno>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace csp::report;
using nlohmann::json;

struct Outcome {
  int status = 0;
  std::vector<json> records;
  std::string errors;  // What went to stderr.
};

enum class Reader { kNo, kYes };

std::string read_all(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

Outcome in_child(Reader reader, const std::function<void()>& body) {
  const std::string folder = ::testing::TempDir() + "report_test_" + std::to_string(getpid());
  const std::string record = folder + ".jsonl";
  const std::string errors = folder + ".stderr";
  unlink(record.c_str());
  const pid_t child = fork();
  if (child == 0) {
    const int fd = open(errors.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    dup2(fd, 2);
    if (reader == Reader::kYes)
      setenv("CSP_RACE_RECORD", record.c_str(), 1);
    else
      unsetenv("CSP_RACE_RECORD");
    body();
    _exit(0);
  }
  Outcome outcome;
  waitpid(child, &outcome.status, 0);
  std::ifstream file(record);
  for (std::string line; std::getline(file, line);) {
    if (!line.empty()) outcome.records.push_back(json::parse(line));
  }
  outcome.errors = read_all(errors);
  unlink(record.c_str());
  unlink(errors.c_str());
  return outcome;
}

std::vector<json> of_type(const Outcome& outcome, const char* type) {
  std::vector<json> chosen;
  for (const json& record : outcome.records) {
    if (record["t"] == type) chosen.push_back(record);
  }
  return chosen;
}

AgentId goroutine(std::uint64_t id) { return {AgentId::Kind::kGoroutine, id}; }
AgentId os_thread(std::uint64_t id) { return {AgentId::Kind::kThread, id}; }

Finding of_rule(const char* rule, Grade grade = Grade::kError) {
  Finding finding;
  finding.rule = rule;
  finding.grade = grade;
  return finding;
}

// A finding with something in every field.
std::uint32_t publish_everything() {
  const std::uintptr_t pcs[] = {0x1000, 0x2000};
  const std::uintptr_t locks[] = {0x77};
  const Access accesses[] = {
      {Op::kWrite, false, 0xabc0, 8, goroutine(7), {pcs, 2}, {locks, 1}},
      {Op::kRead, true, 0xabc0, 4, os_thread(0), {pcs, 1}, {}},
  };
  const WaitEdge edges[] = {{goroutine(7), 0x10, {pcs, 1}, 0x20, {pcs + 1, 1}}};
  const AgentInfo agents[] = {
      {goroutine(7), "worker", true, goroutine(1), {pcs, 2}, "chan send", 12, {locks, 1}, {pcs, 1}}};
  const Object objects[] = {{0x77, "mutex", {pcs, 1}}};
  Finding finding;
  finding.rule = "csp-data-race";
  finding.message = "said \"so\" \\ \n\x01 \xc3\xa9 \xff \xed\xa0\x80";
  finding.accesses = {accesses, 2};
  finding.edges = {edges, 1};
  finding.agents = {agents, 1};
  finding.objects = {objects, 1};
  finding.location = {Location::Kind::kHeap, 0xabc0, 64, goroutine(1), {pcs, 2}};
  return publish(finding);
}

TEST(Report, BeginSaysWhoAndWhatIsLoaded) {
  const Outcome outcome = in_child(Reader::kYes, [] { begin({.detector = true, .runtime = false}); });
  const auto begins = of_type(outcome, "begin");
  ASSERT_EQ(begins.size(), 1u);
  EXPECT_EQ(begins[0]["schema"], "csp-race/record/1");
  EXPECT_EQ(begins[0]["ppid"], getpid());
  EXPECT_EQ(begins[0]["detector"], true);
  EXPECT_EQ(begins[0]["runtime"], false);
  EXPECT_NE(begins[0]["argv"][0].get<std::string>().find(program_invocation_short_name), std::string::npos);

  const auto modules = of_type(outcome, "module");
  ASSERT_GE(modules.size(), 2u);
  EXPECT_EQ(modules[0]["path"], begins[0]["exe"]);
  const auto here = reinterpret_cast<std::uintptr_t>(&publish_everything);
  EXPECT_LE(std::stoull(modules[0]["low"].get<std::string>(), nullptr, 16), here);
  EXPECT_GT(std::stoull(modules[0]["high"].get<std::string>(), nullptr, 16), here);
  for (const json& module : modules) EXPECT_EQ(module["path"].get<std::string>()[0], '/');
}

TEST(Report, EveryFieldOfAFindingComesBack) {
  const Outcome outcome = in_child(Reader::kYes, [] {
    begin({});
    if (publish_everything() != 1) _exit(1);
  });
  EXPECT_EQ(outcome.status, 0);
  EXPECT_EQ(outcome.errors, "");
  const auto findings = of_type(outcome, "finding");
  ASSERT_EQ(findings.size(), 1u);
  json expected = json::parse(R"({
    "t": "finding", "number": 1, "rule": "csp-data-race", "grade": "error",
    "accesses": [
      {"op": "write", "atomic": false, "address": "0xabc0", "size": 8, "agent": "g7", "stack": ["0x1000", "0x2000"], "locks": ["0x77"]},
      {"op": "read", "atomic": true, "address": "0xabc0", "size": 4, "agent": "t0", "stack": ["0x1000"]}],
    "edges": [{"agent": "g7", "held": "0x10", "held_stack": ["0x1000"], "wanted": "0x20", "wanted_stack": ["0x2000"]}],
    "agents": [{"agent": "g7", "name": "worker", "ended": true, "created_by": "g1", "creation_stack": ["0x1000", "0x2000"],
                "wait_reason": "chan send", "waiting_ns": 12, "waiting_on": ["0x77"], "stack": ["0x1000"]}],
    "objects": [{"address": "0x77", "kind": "mutex", "made_stack": ["0x1000"]}],
    "location": {"kind": "heap", "address": "0xabc0", "size": 64, "agent": "g1", "stack": ["0x1000", "0x2000"]}})");
  expected["pid"] = findings[0]["pid"];
  // Bytes that are no UTF-8 (the last four: 0xff and a surrogate) come back as the characters of the same number.
  expected["message"] = "said \"so\" \\ \n\x01 \xc3\xa9 \xc3\xbf \xc3\xad\xc2\xa0\xc2\x80";
  EXPECT_EQ(findings[0], expected);
}

TEST(Report, CountsAndTotals) {
  const Outcome outcome = in_child(Reader::kYes, [] {
    begin({});
    publish(of_rule("csp-panic"));
    publish(of_rule("csp-goroutine-leak", Grade::kNote));
    if (published() != 1) _exit(1);
    publish_count(1, 40);
    add_totals({.goroutines = 3, .threads = 2, .suppressed = 5, .lost = 0});
    add_totals({.goroutines = 1, .threads = 0, .suppressed = 0, .lost = 7});
    end();
    end();
  });
  EXPECT_EQ(outcome.status, 0);
  ASSERT_EQ(of_type(outcome, "count").size(), 1u);
  EXPECT_EQ(of_type(outcome, "count")[0]["count"], 40);
  ASSERT_EQ(of_type(outcome, "end").size(), 1u);
  const json end = of_type(outcome, "end")[0];
  EXPECT_EQ(end["goroutines"], 4);
  EXPECT_EQ(end["threads"], 2);
  EXPECT_EQ(end["suppressed"], 5);
  EXPECT_EQ(end["lost"], 7);
}

TEST(Report, AForkedChildSpeaksForItself) {
  const Outcome outcome = in_child(Reader::kYes, [] {
    begin({});
    publish(of_rule("csp-panic"));
    const pid_t child = fork();
    if (child == 0) {
      publish(of_rule("csp-deadlock"));  // Without begin(): nobody told us of the fork.
      end();
      _exit(static_cast<int>(published()));
    }
    int status = 0;
    waitpid(child, &status, 0);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 1) _exit(1);
  });
  EXPECT_EQ(outcome.status, 0);
  const auto begins = of_type(outcome, "begin");
  const auto findings = of_type(outcome, "finding");
  ASSERT_EQ(begins.size(), 2u);
  ASSERT_EQ(findings.size(), 2u);
  EXPECT_EQ(begins[1]["ppid"], begins[0]["pid"]);
  EXPECT_EQ(findings[1]["pid"], begins[1]["pid"]);
  EXPECT_EQ(findings[1]["number"], 1);
  EXPECT_EQ(of_type(outcome, "module").size() % 2, 0u);
}

TEST(Report, ManyThreadsWriteWholeLines) {
  constexpr int kThreads = 8;
  constexpr int kFindings = 200;
  const Outcome outcome = in_child(Reader::kYes, [] {
    begin({});
    std::vector<std::thread> threads;
    for (int i = 0; i < kThreads; ++i) {
      threads.emplace_back([] {
        for (int j = 0; j < kFindings; ++j) publish_everything();
      });
    }
    for (std::thread& thread : threads) thread.join();
  });
  EXPECT_EQ(of_type(outcome, "finding").size(), std::size_t{kThreads * kFindings});
}

TEST(Report, SurvivesAProgramThatClosesEveryDescriptor) {
  const Outcome outcome = in_child(Reader::kYes, [] {
    begin({});
    for (int fd = 3; fd < 1024; ++fd) close(fd);
    const int mine = open("/dev/null", O_WRONLY);
    if (mine < 0 || dup2(mine, 512) < 0) _exit(1);
    publish(of_rule("csp-panic"));
  });
  EXPECT_EQ(outcome.status, 0);
  EXPECT_EQ(of_type(outcome, "finding").size(), 1u);
}

TEST(Report, AFullDiskIsSaidOnceAndCounted) {
  const Outcome outcome = in_child(Reader::kYes, [] {
    begin({});
    signal(SIGXFSZ, SIG_IGN);
    rlimit limit{};
    getrlimit(RLIMIT_FSIZE, &limit);
    const rlim_t before = limit.rlim_cur;
    limit.rlim_cur = 400;  // The record file is longer already; stderr has room for the complaint.
    setrlimit(RLIMIT_FSIZE, &limit);
    publish(of_rule("csp-panic"));
    publish(of_rule("csp-panic"));
    limit.rlim_cur = before;
    setrlimit(RLIMIT_FSIZE, &limit);
    publish(of_rule("csp-deadlock"));
    end();
  });
  ASSERT_EQ(of_type(outcome, "finding").size(), 1u);
  EXPECT_EQ(of_type(outcome, "finding")[0]["number"], 3);
  EXPECT_EQ(of_type(outcome, "end")[0]["lost"], 2);
  EXPECT_NE(outcome.errors.find("csp-race: cannot write to "), std::string::npos);
  EXPECT_EQ(outcome.errors.find("cannot write", outcome.errors.find("cannot write") + 1), std::string::npos);
}

TEST(Report, WithoutAReaderItPrintsPlacesInFiles) {
  const Outcome outcome = in_child(Reader::kNo, [] {
    begin({});
    const std::uintptr_t pcs[] = {reinterpret_cast<std::uintptr_t>(&publish_everything) + 1, 0x10};
    const Access accesses[] = {{Op::kWrite, false, 0xabc0, 8, goroutine(7), {pcs, 2}, {}}};
    Finding race = of_rule("csp-data-race");
    race.accesses = {accesses, 1};
    publish(race);
    Finding panic = of_rule("csp-panic");
    panic.message = "boom";
    publish(panic);
    if (has_reader()) _exit(1);
  });
  EXPECT_EQ(outcome.status, 0);
  EXPECT_TRUE(outcome.records.empty());
  EXPECT_NE(outcome.errors.find(
                std::string("csp-race: error: [csp-data-race]\n  write of 8 bytes at 0xabc0 by goroutine 7:\n    ") +
                program_invocation_short_name + "+0x"),
            std::string::npos)
      << outcome.errors;
  EXPECT_NE(outcome.errors.find("    0xf\n"), std::string::npos);
  EXPECT_NE(outcome.errors.find("csp-race: error: boom [csp-panic]\n"), std::string::npos);
  const std::size_t hint = outcome.errors.find("run it under csp-race");
  EXPECT_NE(hint, std::string::npos);
  EXPECT_EQ(outcome.errors.find("run it under csp-race", hint + 1), std::string::npos);
}

}  // namespace
