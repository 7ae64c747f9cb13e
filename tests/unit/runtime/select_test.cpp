// select does what Go's does, and reflect.Select.

#include <csp/csp.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

namespace {

TEST(Select, RunsTheReadyCaseAndReturnsItsIndex) {
  auto a = csp::make_chan<int>(1);
  auto b = csp::make_chan<std::string>(1);
  int n = 0;
  std::string s;
  bool ok = false;
  b.send("text");
  EXPECT_EQ(csp::select(csp::recv(a, n), csp::recv(b, s, ok), csp::otherwise()), 1U);
  EXPECT_EQ(s, "text");
  EXPECT_TRUE(ok);
  EXPECT_EQ(csp::select(csp::recv(a), csp::send(a, 7), csp::otherwise()), 1U);
  EXPECT_EQ(csp::select(csp::recv(a, n), csp::otherwise()), 0U);
  EXPECT_EQ(n, 7);
  EXPECT_EQ(csp::select(csp::recv(a, n), csp::recv(b, s), csp::otherwise()), 2U);
  EXPECT_EQ(n, 7);
}

TEST(Select, AClosedChannelIsReadyAndGivesTheZeroValue) {
  auto ch = csp::make_chan<int>();
  ch.close();
  int n = 5;
  bool ok = true;
  EXPECT_EQ(csp::select(csp::recv(ch, n, ok)), 0U);
  EXPECT_EQ(n, 0);
  EXPECT_FALSE(ok);
}

TEST(Select, HandlersGetWhatTheyAskFor) {
  auto ch = csp::make_chan<int>(4);
  ch.send(1), ch.send(2), ch.send(3), ch.send(4);
  std::string log;
  const auto by_value = [&](int n) { log += "v" + std::to_string(n) + " "; };
  const auto by_optional = [&](std::optional<int> n) { log += n ? "o" + std::to_string(*n) + " " : "none "; };
  const auto by_auto = [&](auto n) { log += n ? "a" + std::to_string(*n) + " " : "none "; };
  const auto by_nothing = [&] { log += "- "; };
  const auto run_all = [&] {
    csp::select(csp::recv(ch, by_value));
    csp::select(csp::recv(ch, by_optional));
    csp::select(csp::recv(ch, by_auto));
    csp::select(csp::recv(ch, by_nothing));
  };
  run_all();
  ch.close();
  run_all();
  EXPECT_EQ(log, "v1 o2 a3 - v0 none none - ");

  auto full = csp::make_chan<int>(1);
  csp::select(csp::send(full, 1, [&] { log = "sent"; }));
  EXPECT_EQ(log, "sent");
  csp::select(csp::send(full, 1), csp::otherwise([&] { log = "otherwise"; }));
  EXPECT_EQ(log, "otherwise");
}

TEST(Select, ReadyCasesAreEquallyLikely) {
  constexpr int kCases = 4;
  constexpr int kRounds = 40'000;
  csp::Chan<int> ch[kCases];
  for (auto& it : ch) it = csp::make_chan<int>(1), it.send(0);
  int chosen[kCases] = {};
  for (int i = 0; i < kRounds; ++i) {
    const std::size_t index = csp::select(csp::recv(ch[0]), csp::recv(ch[1]), csp::recv(ch[2]), csp::recv(ch[3]));
    ++chosen[index];
    ch[index].send(0);
  }
  // Five standard deviations of a fair choice are 433.
  for (const int count : chosen) EXPECT_NEAR(count, kRounds / kCases, 500);
}

TEST(Select, NilCasesAreNeverReady) {
  csp::Chan<int> nil;
  EXPECT_EQ(csp::select(csp::recv(nil), csp::send(nil, 1), csp::otherwise()), 2U);
  auto ch = csp::make_chan<int>(1);
  EXPECT_EQ(csp::select(csp::recv(nil), csp::send(ch, 1), csp::send(nil, 2)), 1U);
}

TEST(Select, WaitsForTheFirstAndLeavesTheOthersAlone) {
  csp::run([] {
    auto a = csp::make_chan<int>();
    auto b = csp::make_chan<int>();
    csp::go([=] { b.send(3); });
    int n = 0;
    EXPECT_EQ(csp::select(csp::recv(a, n), csp::recv(b, n), csp::recv(a, n)), 1U);
    EXPECT_EQ(n, 3);
    EXPECT_FALSE(a.try_send(1));  // Nobody waits there any more.
  });
}

TEST(Select, NeverPairsWithItself) {
  csp::run([] {
    auto ch = csp::make_chan<int>();
    EXPECT_EQ(csp::select(csp::recv(ch), csp::send(ch, 1), csp::otherwise()), 2U);
    csp::go([=] { EXPECT_LT(csp::select(csp::recv(ch), csp::send(ch, 2)), 2U); });
    int n = 0;
    const std::size_t chosen = csp::select(csp::recv(ch, n), csp::send(ch, 1));
    EXPECT_EQ(n, chosen == 0 ? 2 : 0);
  });
}

TEST(Select, TwoSelectsMeet) {
  csp::run([] {
    constexpr int kRounds = 2000;
    auto a = csp::make_chan<int>();
    auto b = csp::make_chan<int>();
    auto done = csp::make_chan<int>();
    csp::go([=] {
      for (int i = 0; i < kRounds; ++i) csp::select(csp::send(a, i), csp::send(b, i));
      done.close();
    });
    int next = 0;
    for (bool more = true; more;) {
      int n = -1;
      more = csp::select(csp::recv(b, n), csp::recv(a, n), csp::recv(done)) != 2;
      if (more) {
        ASSERT_EQ(n, next++);
      }
    }
    EXPECT_EQ(next, kRounds);
  });
}

TEST(Select, ManySelectsOverTheSameChannelsLoseNothing) {
  csp::run([] {
    constexpr int kWorkers = 6;
    constexpr int kEach = 2000;
    auto a = csp::make_chan<int>();
    auto b = csp::make_chan<int>(3);
    auto sums = csp::make_chan<long>();
    csp::WaitGroup senders;
    for (int i = 0; i < kWorkers; ++i) {
      senders.go([=] {
        for (int n = 1; n <= kEach; ++n) csp::select(csp::send(a, n), csp::send(b, n));
      });
      csp::go([=] {
        long sum = 0;
        for (;;) {
          int n = 0;
          bool ok = false;
          csp::select(csp::recv(a, n, ok), csp::recv(b, n, ok));
          if (!ok) break;
          sum += n;
        }
        // One is closed and drained; the other may still hold something.
        for (int n : b) sum += n;
        sums.send(sum);
      });
    }
    senders.wait();
    a.close(), b.close();
    long total = 0;
    for (int i = 0; i < kWorkers; ++i) total += sums.recv();
    EXPECT_EQ(total, long{kWorkers} * kEach * (kEach + 1) / 2);
  });
}

TEST(Select, DynamicCasesAreSelectedOnAgainAndAgain) {
  auto a = csp::make_chan<int>(3);
  int n = 0;
  std::vector<csp::SelectCase> cases;
  cases.push_back(csp::send(a, 42));
  cases.push_back(csp::recv(csp::make_chan<int>(), n));
  for (int i = 0; i < 3; ++i) EXPECT_EQ(csp::select(cases), 0U);
  cases.push_back(csp::otherwise());
  EXPECT_EQ(csp::select(cases), 2U);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(a.recv(), 42);

  std::vector<csp::SelectCase> receives{csp::recv(a, n), csp::otherwise()};
  a.send(6);
  EXPECT_EQ(csp::select(std::span(receives)), 0U);
  EXPECT_EQ(n, 6);
}

TEST(Select, DynamicWithManyCases) {
  csp::run([] {
    constexpr std::size_t kCount = 100;
    std::vector<csp::Chan<int>> channels(kCount);
    std::vector<csp::SelectCase> cases;
    std::vector<int> got(kCount, -1);
    for (std::size_t i = 0; i < kCount; ++i) {
      channels[i] = csp::make_chan<int>();
      cases.push_back(csp::recv(channels[i], got[i]));
      csp::go([ch = channels[i], i] { ch.send(static_cast<int>(i)); });
    }
    for (std::size_t i = 0; i < kCount; ++i) {
      const std::size_t chosen = csp::select(cases);
      EXPECT_EQ(got[chosen], static_cast<int>(chosen));
    }
  });
}

}  // namespace
