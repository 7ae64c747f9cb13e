// Calling contexts: equal chains have equal numbers, whichever threads intern them, and give back what went in.

#include "core/calling_context.h"

#include <gtest/gtest.h>

#include <random>
#include <thread>
#include <vector>

namespace {

using csp::race::Address;
using csp::race::ContextId;
using csp::race::expand;
using csp::race::innermost;
using csp::race::intern;
using csp::race::kFreeMark;

ContextId intern_all(const std::vector<Address>& outermost_first) {
  ContextId context = ContextId::kEmpty;
  for (const Address pc : outermost_first) context = intern(context, pc);
  return context;
}

TEST(CallingContext, GivesBackItsFramesInnermostFirst) {
  const ContextId context = intern_all({0x1000, 0x2000, 0x3000});
  Address pcs[8];
  ASSERT_EQ(expand(context, pcs, 8), 3u);
  EXPECT_EQ(pcs[0], 0x3000u);
  EXPECT_EQ(pcs[1], 0x2000u);
  EXPECT_EQ(pcs[2], 0x1000u);
  EXPECT_EQ(expand(context, pcs, 2), 2u);
  EXPECT_EQ(expand(ContextId::kEmpty, pcs, 8), 0u);
  EXPECT_EQ(innermost(ContextId::kEmpty), 0u);
}

TEST(CallingContext, EqualChainsAreOne) {
  EXPECT_EQ(intern_all({0x10, 0x20}), intern_all({0x10, 0x20}));
  EXPECT_NE(intern_all({0x10, 0x20}), intern_all({0x20, 0x10}));
  EXPECT_NE(intern_all({0x10, 0x20}), intern_all({0x20}));
}

TEST(CallingContext, MarksAFree) {
  const ContextId free = intern(intern_all({0x10}), 0x20 | kFreeMark);
  EXPECT_EQ(innermost(free), 0x20 | kFreeMark);
  Address pcs[2];
  ASSERT_EQ(expand(free, pcs, 2), 2u);
  EXPECT_EQ(pcs[0], 0x20u);
}

TEST(CallingContext, AgreesAcrossThreadsThatInternAtOnce) {
  constexpr unsigned kThreads = 4;
  constexpr unsigned kContexts = 20'000;
  std::vector<ContextId> results[kThreads];
  std::vector<std::thread> threads;
  for (auto& result : results) {
    threads.emplace_back([&result] {
      std::mt19937_64 random(7);  // The same chains in each thread.
      for (unsigned i = 0; i < kContexts; ++i) {
        ContextId context = ContextId::kEmpty;
        for (unsigned depth = 0; depth < 3; ++depth) context = intern(context, 0x4000 + random() % 64);
        result.push_back(context);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const auto& result : results) EXPECT_EQ(result, results[0]);
}

}  // namespace
