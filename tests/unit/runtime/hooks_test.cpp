// What the runtime announces is Go's memory model: the edges there must be, and none besides.

#include <csp/csp.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "support/recording_observer.h"

namespace {

using csp::testing::Announcement;
using csp::testing::RecordingObserver;

std::vector<Announcement> record(void (*program)()) {
  RecordingObserver::start();
  csp::run(program);
  return RecordingObserver::stop();
}

std::size_t count(const std::vector<Announcement>& log, const std::string& verb) {
  return static_cast<std::size_t>(
      std::count_if(log.begin(), log.end(), [&](const Announcement& it) { return it.verb == verb; }));
}

/// "acquire release ..." of one goroutine on one object.
std::string edges(const std::vector<Announcement>& log, std::uint64_t agent, const void* object) {
  std::string all;
  for (const Announcement& it : log) {
    if (it.agent == agent && it.object == object) all += it.verb + " ";
  }
  return all;
}

TEST(Hooks, AGoroutineIsCreatedBeforeItIsResumedAndEndsOnce) {
  const auto log = record([] {
    auto done = csp::make_chan<int>();
    csp::go([done] { done.close(); });
    done.recv();
    while (csp::num_goroutines() > 1) csp::yield();
  });
  EXPECT_EQ(count(log, "goroutine_created"), 2U);
  EXPECT_EQ(count(log, "goroutine_ended"), 2U);
  EXPECT_EQ(count(log, "channel_made"), 1U);
  EXPECT_EQ(count(log, "channel_closed"), 1U);
  EXPECT_EQ(count(log, "channel_destroyed"), 1U);
  std::set<std::uint64_t> created;
  for (const Announcement& it : log) {
    if (it.verb == "goroutine_created") created.insert(it.peer);
    if (it.verb == "goroutine_resumed") {
      EXPECT_TRUE(created.contains(it.peer));
    }
  }
}

TEST(Hooks, EveryoneWhoParksIsReadiedOnce) {
  const auto log = record([] {
    auto ch = csp::make_chan<int>();
    csp::go([ch] {
      for (int i = 0; i < 10; ++i) ch.send(i);
      ch.close();
    });
    for (int n : ch) (void)n;
  });
  EXPECT_EQ(count(log, "parked") + count(log, "parked in run"), count(log, "readied"));
}

TEST(Hooks, UnbufferedSynchronisesBothWays) {
  const auto log = record([] {
    auto ch = csp::make_chan<int>();
    csp::go([ch] { ch.send(1); });
    ch.recv();
  });
  EXPECT_EQ(count(log, "handoff"), 1U);
}

TEST(Hooks, BufferedUsesThePlaceAndNoHandoff) {
  const auto log = record([] {
    auto ch = csp::make_chan<int>(1);
    ch.send(1);
    ch.recv();
    ch.send(2);
    ch.recv();
  });
  EXPECT_EQ(count(log, "handoff"), 0U);
  const auto place = std::find_if(log.begin(), log.end(),
                                  [](const Announcement& it) { return it.verb == "acquire" && it.agent == 1; });
  ASSERT_NE(place, log.end());
  EXPECT_EQ(edges(log, 1, place->object), "acquire release acquire release acquire release acquire release ");
}

TEST(Hooks, FailedAttemptsOrderNothing) {
  const auto log = record([] {
    auto full = csp::make_chan<int>(1);
    full.send(1);
    RecordingObserver::start();
    auto empty = csp::make_chan<int>(1);
    auto unbuffered = csp::make_chan<int>();
    (void)full.try_send(2);
    (void)unbuffered.try_send(1);
    (void)empty.try_recv();
    (void)unbuffered.try_recv();
    csp::select(csp::recv(empty), csp::send(full, 3), csp::recv(unbuffered), csp::otherwise());
    (void)full.len();
    EXPECT_EQ(csp::num_goroutines(), 1U);
    const auto inner = RecordingObserver::stop();
    EXPECT_EQ(count(inner, "acquire") + count(inner, "release") + count(inner, "handoff"), 0U);
  });
}

TEST(Hooks, CloseIsSeenByWhoFindsTheChannelClosed) {
  const auto log = record([] {
    auto ch = csp::make_chan<int>();
    auto seen = csp::make_chan<int>();
    csp::go([=] {
      ch.recv();
      seen.close();
    });
    ch.close();
    seen.recv();
  });
  // Each close releases to an object of its own, and each receive acquires that.
  std::set<const void*> closed;
  for (std::size_t i = 0; i + 1 < log.size(); ++i) {
    if (log[i].verb == "channel_closed") {
      EXPECT_EQ(log[i + 1].verb, "release");
      closed.insert(log[i + 1].object);
    }
  }
  EXPECT_EQ(closed.size(), 2U);
  std::size_t acquired = 0;
  for (const Announcement& it : log) acquired += it.verb == "acquire" && closed.contains(it.object);
  EXPECT_EQ(acquired, 2U);
}

TEST(Hooks, ElementsWithConstructorsPassUnharmedWhileObserved) {
  record([] {
    for (const std::size_t capacity : {0U, 1U, 3U}) {
      auto ch = csp::make_chan<std::string>(capacity);
      csp::go([ch] {
        for (int i = 0; i < 100; ++i) ch.send(std::string(50, static_cast<char>('a' + i % 26)));
        ch.close();
      });
      int i = 0;
      for (const std::string& s : ch) {
        ASSERT_EQ(s, std::string(50, static_cast<char>('a' + i++ % 26)));
      }
      EXPECT_EQ(i, 100);
    }
  });
}

}  // namespace
