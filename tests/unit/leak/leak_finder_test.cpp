// The fixpoint over memory that the test lays out itself: goroutines are made up, what they refer to is real.

#include "leak_finder.h"

#include <gtest/gtest.h>

#include <initializer_list>
#include <vector>

namespace {

using csp::hooks::Agent;
using csp::hooks::GoroutineState;
using csp::hooks::GoroutineView;
using csp::hooks::Inspector;
using csp::hooks::WaitReason;
using csp::leak::LeakFinder;
using csp::leak::Moment;

// A made-up goroutine: its stack is an array of words, all of them live.
struct Fake {
  Agent agent;
  WaitReason reason = WaitReason::kNone;
  const void* waiting_on[2] = {};
  std::size_t waiting_on_size = 0;
  std::uintptr_t stack[64] = {};
};

// Goroutines live in memory that is announced as private, as the runtime's records are.
struct World {
  Fake goroutines[4];
  std::size_t size = 0;
  std::uintptr_t channels[4][8] = {};
};
World* world = nullptr;

void for_each(void (*visit)(void*, const GoroutineView&), void* context) {
  for (std::size_t i = 0; i < world->size; ++i) {
    Fake& fake = world->goroutines[i];
    GoroutineView view{};
    view.agent = &fake.agent;
    view.name = "";
    view.state = fake.reason == WaitReason::kNone ? GoroutineState::kRunnable : GoroutineState::kParked;
    view.reason = fake.reason;
    view.waiting_on = fake.waiting_on;
    view.waiting_on_count = fake.waiting_on_size;
    view.stack_pointer = fake.stack;
    view.stack_low = fake.stack;
    view.stack_high = fake.stack + 64;
    visit(context, view);
  }
}

constexpr Inspector kInspector = {
    .freeze = [](std::int64_t) { return true; },
    .thaw = [] {},
    .for_each_goroutine = for_each,
    .for_each_private_range = [](void (*visit)(void*, const void*, const void*),
                                 void* context) { visit(context, world, world + 1); },
    .channel_head_size = sizeof World{}.channels[0],
    .is_service_thread = [](std::int32_t) { return false; },
};

// volatile: nobody reads it but the search, which the compiler does not know of.
volatile std::uintptr_t global_reference = 0;

class LeakFinderTest : public ::testing::Test {
 protected:
  void SetUp() override {
    world = new World;
    global_reference = 0;
  }
  void TearDown() override { delete world; }

  Fake& add(WaitReason reason, std::initializer_list<const void*> waiting_on = {}) {
    static std::uint64_t next_id = 100;
    Fake& fake = world->goroutines[world->size++];
    fake.agent.id = next_id++;
    fake.reason = reason;
    for (const void* object : waiting_on) fake.waiting_on[fake.waiting_on_size++] = object;
    return fake;
  }
  static const void* channel(int i) { return world->channels[i]; }
  static std::uintptr_t reference_to(const void* object) { return reinterpret_cast<std::uintptr_t>(object); }

  std::vector<bool> leaked() {
    LeakFinder finder;
    EXPECT_TRUE(
        finder.find(kInspector, nullptr, Moment::kExit, reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0))));
    std::vector<bool> verdicts;
    for (std::size_t i = 0; i < finder.snapshot().goroutines.size(); ++i) verdicts.push_back(finder.leaked(i));
    return verdicts;
  }
};

using Verdicts = std::vector<bool>;

TEST_F(LeakFinderTest, NilChannelsAndEmptySelectsNeverWake) {
  add(WaitReason::kChanSendNil);
  add(WaitReason::kChanRecvNil);
  add(WaitReason::kSelectNoCases);
  EXPECT_EQ(leaked(), (Verdicts{true, true, true}));
}

TEST_F(LeakFinderTest, ARunnableOrSleepingGoroutineIsLive) {
  add(WaitReason::kNone);
  add(WaitReason::kSleep);
  add(WaitReason::kIo);
  EXPECT_EQ(leaked(), (Verdicts{false, false, false}));
}

TEST_F(LeakFinderTest, OnlyItsOwnStackKnowsTheChannel) {
  add(WaitReason::kChanSend, {channel(0)}).stack[10] = reference_to(channel(0));
  EXPECT_EQ(leaked(), Verdicts{true});
}

TEST_F(LeakFinderTest, AGlobalKeepsItLive) {
  add(WaitReason::kChanSend, {channel(0)});
  global_reference = reference_to(channel(0));
  EXPECT_EQ(leaked(), Verdicts{false});
}

TEST_F(LeakFinderTest, ALiveGoroutineKeepsItLive) {
  add(WaitReason::kChanRecv, {channel(0)});
  add(WaitReason::kSleep).stack[3] = reference_to(channel(0));
  EXPECT_EQ(leaked(), (Verdicts{false, false}));
}

TEST_F(LeakFinderTest, ADaisyChainFromALiveGoroutineIsLive) {
  add(WaitReason::kChanRecv, {channel(0)}).stack[0] = reference_to(channel(1));
  add(WaitReason::kChanRecv, {channel(1)}).stack[0] = reference_to(channel(2));
  add(WaitReason::kChanRecv, {channel(2)});
  add(WaitReason::kNone).stack[0] = reference_to(channel(0));
  EXPECT_EQ(leaked(), (Verdicts{false, false, false, false}));
}

TEST_F(LeakFinderTest, TwoThatKnowOnlyEachOtherAreLeaked) {
  add(WaitReason::kChanRecv, {channel(0)}).stack[0] = reference_to(channel(1));
  add(WaitReason::kChanRecv, {channel(1)}).stack[0] = reference_to(channel(0));
  add(WaitReason::kNone);
  EXPECT_EQ(leaked(), (Verdicts{true, true, false}));
}

TEST_F(LeakFinderTest, OneReachableCaseOfASelectIsEnough) {
  add(WaitReason::kSelect, {channel(0), channel(1)});
  add(WaitReason::kNone).stack[0] = reference_to(channel(1));
  EXPECT_EQ(leaked(), (Verdicts{false, false}));
}

TEST_F(LeakFinderTest, AReferenceIntoAStackReachesWhatThatStackKnows) {
  Fake& blocked = add(WaitReason::kChanRecv, {channel(0)});
  blocked.stack[20] = reference_to(channel(0));
  add(WaitReason::kNone).stack[0] = reference_to(&blocked.stack[20]);
  EXPECT_EQ(leaked(), (Verdicts{false, false}));
}

TEST_F(LeakFinderTest, WhatWasProvenStaysProven) {
  add(WaitReason::kChanSend, {channel(0)});
  EXPECT_EQ(leaked(), Verdicts{true});
  global_reference = reference_to(channel(0));
  EXPECT_EQ(leaked(), Verdicts{true});
}

}  // namespace
