// "all goroutines are asleep" is said when it is so, and only then.

#include <csp/csp.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace {

using ::testing::ExitedWithCode;

class Deadlock : public ::testing::Test {
 protected:
  Deadlock() { GTEST_FLAG_SET(death_test_style, "threadsafe"); }
};

constexpr char kAsleep[] = "fatal error: all goroutines are asleep - deadlock!\n\n";

TEST_F(Deadlock, EveryGoroutineIsShownWithItsStackAndCreation) {
  const auto program = [] {
    csp::run([] {
      auto ch = csp::make_chan<int>();
      csp::go([=] { ch.recv(); });
      csp::select();
    });
  };
  EXPECT_EXIT(program(), ExitedWithCode(2),
              std::string("^") + kAsleep +
                  "goroutine 1 \\[select \\(no cases\\)\\]:\n(.|\n)*deadlock_test\\.cpp:[0-9]+(.|\n)*"
                  "goroutine 2 \\[chan receive\\]:\n(.|\n)*created by (.|\n)* in goroutine 1\n");
}

TEST_F(Deadlock, NilChannelsNameThemselves) {
  EXPECT_EXIT(csp::run([] { csp::Chan<int>().send(1); }), ExitedWithCode(2),
              "goroutine 1 \\[chan send \\(nil chan\\)\\]:");
}

TEST_F(Deadlock, MainThatCalledGoexitLeavesNobody) {
  EXPECT_EXIT(csp::run([] {
                csp::go([] { csp::yield(); });
                csp::goexit();
              }),
              ExitedWithCode(2), "^fatal error: no goroutines \\(main called csp::goexit\\) - deadlock!\n");
}

TEST_F(Deadlock, AThreadThatBlocksForEverIsOneToo) {
  EXPECT_EXIT(csp::make_chan<int>().recv(), ExitedWithCode(2), kAsleep);
}

TEST_F(Deadlock, IsSeenOnceAThreadTheRuntimeDoesNotKnowHasEnded) {
  const auto program = [] {
    std::thread([] { std::this_thread::yield(); }).detach();
    csp::run([] { csp::make_chan<int>().recv(); });
  };
  EXPECT_EXIT(program(), ExitedWithCode(2), kAsleep);
}

TEST(NoDeadlock, WhileAnUnknownThreadMayStillWakeSomebody) {
  auto ch = csp::make_chan<int>();
  std::atomic<bool> go_on{false};
  std::thread unknown([&] {
    while (!go_on) std::this_thread::yield();
    ch.send(1);
  });
  csp::run([&] {
    go_on = true;
    EXPECT_EQ(ch.recv(), 1);
  });
  unknown.join();
}

TEST(NoDeadlock, WhileAGoroutineIsInABlockingCallOrSleeps) {
  csp::run([] {
    auto ch = csp::make_chan<int>();
    csp::go([=] {
      csp::blocking([] { std::this_thread::sleep_for(std::chrono::milliseconds(20)); });
      csp::sleep(std::chrono::milliseconds(20));
      ch.send(1);
    });
    EXPECT_EQ(ch.recv(), 1);
  });
}

}  // namespace
