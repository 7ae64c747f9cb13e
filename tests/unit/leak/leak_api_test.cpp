// What users of <csp/leak.h> and <csp/gtest.h> see.

#include <csp/csp.h>
#include <csp/debug.h>
#include <csp/gtest.h>
#include <gtest/gtest-spi.h>

#include <chrono>
#include <string_view>

namespace {

using namespace std::chrono_literals;

// One that waits for a value; ends when it is sent.
void blocked_receiver(csp::RecvChan<int> numbers) { numbers.recv(); }

void start_receiver(csp::RecvChan<int> numbers) { csp::go(blocked_receiver, numbers); }

void wait_until_blocked(std::size_t count, std::string_view reason) {
  for (;;) {
    std::size_t blocked = 0;
    for (const csp::GoroutineInfo& goroutine : csp::goroutines()) blocked += goroutine.wait_reason == reason ? 1 : 0;
    if (blocked >= count) return;
    csp::yield();
  }
}

class LeakFind : public ::testing::Test {
 protected:
  void SetUp() override {
    start_receiver(numbers);
    wait_until_blocked(1, "chan receive");
  }
  void TearDown() override {
    numbers.send(1);
    EXPECT_TRUE(csp::leak::find().empty());
  }
  csp::Chan<int> numbers = csp::make_chan<int>();
};

TEST_F(LeakFind, ListsWhoIsStillThere) {
  const auto found = csp::leak::find(csp::leak::max_wait(0ms));
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].wait_reason, "chan receive");
  const std::string text = csp::leak::describe(found);
  EXPECT_NE(text.find("1 goroutine is still there"), std::string::npos) << text;
  EXPECT_NE(text.find("[chan receive]"), std::string::npos) << text;
  EXPECT_NE(text.find("blocked_receiver"), std::string::npos) << text;
  EXPECT_NE(text.find("start_receiver"), std::string::npos) << text;
}

TEST_F(LeakFind, LeavesOutByTopFunction) {
  EXPECT_TRUE(csp::leak::find(csp::leak::ignore_top_function("blocked_receiver")).empty());
  EXPECT_EQ(csp::leak::find(csp::leak::ignore_top_function("blocked"), csp::leak::max_wait(0ms)).size(), 1u);
}

TEST_F(LeakFind, LeavesOutByAnyFunction) {
  EXPECT_TRUE(csp::leak::find(csp::leak::ignore_any_function("blocked_receiver")).empty());
  EXPECT_EQ(csp::leak::find(csp::leak::ignore_any_function("start_receiver"), csp::leak::max_wait(0ms)).size(), 1u);
}

TEST_F(LeakFind, LeavesOutByCreator) {
  EXPECT_TRUE(csp::leak::find(csp::leak::ignore_created_by("start_receiver")).empty());
}

TEST_F(LeakFind, LeavesOutWhoWasThereBefore) {
  const auto before = csp::leak::ignore_current();
  EXPECT_TRUE(csp::leak::find(before).empty());
  start_receiver(numbers);
  EXPECT_EQ(csp::leak::find(before, csp::leak::max_wait(0ms)).size(), 1u);
  numbers.send(1);
}

TEST_F(LeakFind, TheExpectationFailsWithTheStack) {
  EXPECT_NONFATAL_FAILURE(CSP_EXPECT_NO_LEAKS(csp::leak::max_wait(1ms)), "1 goroutine is still there");
  CSP_EXPECT_NO_LEAKS(csp::leak::ignore_top_function("blocked_receiver")) << "left out";
}

TEST_F(LeakFind, WhoCanStillBeWokenIsNotProven) { EXPECT_TRUE(csp::leak::prove().empty()); }

TEST(LeakFindInRun, TheCallerAndMainAreNoLeaks) {
  csp::run([] {
    EXPECT_TRUE(csp::leak::find(csp::leak::max_wait(0ms)).empty());
    csp::WaitGroup other;
    other.go([] { EXPECT_TRUE(csp::leak::find(csp::leak::max_wait(0ms)).empty()); });
    other.wait();
  });
}

TEST(LeakFindInRun, WaitsForThoseWhoAreAboutToEnd) {
  csp::run([] {
    csp::go([] { csp::sleep(20ms); });
    CSP_EXPECT_NO_LEAKS(csp::leak::max_wait(10s));
  });
}

// Nothing here can be cleaned up: these come last.
TEST(LeakProve, ANilChannel) {
  csp::run([] {
    csp::go([] { csp::Chan<int>().recv(); });
    wait_until_blocked(1, "chan receive (nil chan)");
    const auto proven = csp::leak::prove();
    ASSERT_EQ(proven.size(), 1u);
    EXPECT_EQ(proven[0].wait_reason, "chan receive (nil chan)");
  });
}

[[gnu::noinline]] void forget_a_sender() {
  auto answer = csp::make_chan<int>();
  csp::go([answer] { answer.send(1); });
}

TEST(LeakProve, AChannelThatEverybodyElseForgot) {
  csp::run([] {
    const std::size_t before = csp::leak::prove().size();
    csp::WaitGroup starter;
    starter.go(forget_a_sender);
    starter.wait();
    wait_until_blocked(1, "chan send");
    EXPECT_EQ(csp::leak::prove().size(), before + 1);
  });
}

}  // namespace
