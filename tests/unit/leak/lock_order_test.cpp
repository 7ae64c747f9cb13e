// Which orders of locks are findings. Threads run one after the other: nothing here ever deadlocks.

#include "csp/leak/lock_order.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "csp/report/report.h"

namespace {

using csp::hooks::LockHow;
using csp::hooks::LockMode;
using csp::leak::lock_given_back;
using csp::leak::lock_gone;
using csp::leak::lock_taken;

struct Step {
  int lock;
  LockMode mode = LockMode::kExclusive;
  LockHow how = LockHow::kBlocking;
};

constexpr LockMode kShared = LockMode::kShared;

class LockOrder : public ::testing::Test {
 protected:
  // Takes the locks in order, and gives them back in the opposite one.
  void take(const std::vector<Step>& steps) {
    for (const Step& step : steps) lock_taken(address(step.lock), "mutex", step.mode, step.how, nullptr);
    for (auto step = steps.rbegin(); step != steps.rend(); ++step) lock_given_back(address(step->lock), step->mode);
  }
  // Likewise, on a thread of its own.
  void other_takes(const std::vector<Step>& steps) {
    std::thread([&] {
      take(steps);
      csp::leak::thread_gone();
    }).join();
  }
  std::uintptr_t address(int lock) const { return reinterpret_cast<std::uintptr_t>(&locks_[lock]); }
  std::uint32_t found() const { return csp::report::published() - before_; }
  void TearDown() override { lock_gone(address(0), sizeof locks_); }

 private:
  long locks_[8] = {};
  std::uint32_t before_ = csp::report::published();
};

TEST_F(LockOrder, OppositeOrdersByTwoAgentsAreFound) {
  other_takes({{0}, {1}});
  other_takes({{1}, {0}});
  EXPECT_EQ(found(), 1u);
}

TEST_F(LockOrder, TheSameSetIsSaidOnce) {
  for (int i = 0; i < 5; ++i) {
    other_takes({{0}, {1}});
    other_takes({{1}, {0}});
  }
  EXPECT_EQ(found(), 1u);
}

TEST_F(LockOrder, OneOrderIsFine) {
  for (int i = 0; i < 5; ++i) other_takes({{0}, {1}, {2}});
  EXPECT_EQ(found(), 0u);
}

TEST_F(LockOrder, AnAgentCannotMeetItself) {
  take({{0}, {1}});
  take({{1}, {0}});
  EXPECT_EQ(found(), 0u);
}

TEST_F(LockOrder, ThreeAgentsInACycleAreFound) {
  other_takes({{0}, {1}});
  other_takes({{1}, {2}});
  EXPECT_EQ(found(), 0u);
  other_takes({{2}, {0}});
  EXPECT_EQ(found(), 1u);
}

TEST_F(LockOrder, AGateKeepsThemApart) {
  other_takes({{7}, {0}, {1}});
  other_takes({{7}, {1}, {0}});
  EXPECT_EQ(found(), 0u);
}

TEST_F(LockOrder, TheSecondEdgeBesideAGateCounts) {
  other_takes({{7}, {0}, {1}});
  other_takes({{1}, {0}});
  EXPECT_EQ(found(), 1u);
}

TEST_F(LockOrder, TryingDoesNotWait) {
  other_takes({{0}, {1, LockMode::kExclusive, LockHow::kTry}});
  other_takes({{1}, {0}});
  EXPECT_EQ(found(), 0u);
}

TEST_F(LockOrder, WhatWasTakenByATryIsHeld) {
  other_takes({{0, LockMode::kExclusive, LockHow::kTry}, {1}});
  other_takes({{1, LockMode::kExclusive, LockHow::kTry}, {0}});
  EXPECT_EQ(found(), 1u);
}

TEST_F(LockOrder, ReadersDoNotWaitForReaders) {
  other_takes({{0, kShared}, {1, kShared}});
  other_takes({{1, kShared}, {0, kShared}});
  EXPECT_EQ(found(), 0u);
}

TEST_F(LockOrder, AReaderWaitsForAWriter) {
  other_takes({{0}, {1, kShared}});
  other_takes({{1}, {0, kShared}});
  EXPECT_EQ(found(), 1u);
}

TEST_F(LockOrder, ADestroyedLockTakesItsOrderAlong) {
  other_takes({{0}, {1}});
  lock_gone(address(1), 1);
  other_takes({{1}, {0}});
  EXPECT_EQ(found(), 0u);
}

TEST_F(LockOrder, FreedMemoryTakesItsLocksAlong) {
  other_takes({{0}, {1}});
  lock_gone(address(0) - (1 << 20), std::size_t{2} << 20);
  other_takes({{1}, {0}});
  EXPECT_EQ(found(), 0u);
}

TEST_F(LockOrder, AnotherAgentMayUnlock) {
  lock_taken(address(0), "mutex", LockMode::kExclusive, LockHow::kBlocking, nullptr);
  std::thread([&] { lock_given_back(address(0), LockMode::kExclusive); }).join();
  take({{1}});  // Holding nothing: no order of 0 before 1.
  other_takes({{1}, {0}});
  EXPECT_EQ(found(), 0u);
}

}  // namespace
