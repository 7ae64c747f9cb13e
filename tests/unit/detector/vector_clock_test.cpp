// VectorClock against a std::map, under random operations on clocks that share trees.
// replay with: CSP_SEED=<seed> <this program>

#include "core/vector_clock.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <random>

namespace {

using csp::race::Clock;
using csp::race::Epoch;
using csp::race::Tid;
using csp::race::VectorClock;

using Model = std::map<std::uint32_t, Clock>;

void raise(Model& model, Epoch epoch) {
  Clock& clock = model[static_cast<std::uint32_t>(epoch.tid)];
  clock = std::max(clock, epoch.clock);
}

TEST(VectorClock, IsZeroWhereNothingIsKnown) {
  VectorClock clock;
  EXPECT_TRUE(clock.empty());
  EXPECT_EQ(clock.get(Tid{1}), 0u);
  EXPECT_EQ(clock.get(Tid{csp::race::kTidMax}), 0u);
}

TEST(VectorClock, RaisingLowerChangesNothing) {
  VectorClock clock;
  clock.raise({Tid{3}, 7});
  clock.raise({Tid{3}, 5});
  EXPECT_EQ(clock.get(Tid{3}), 7u);
  EXPECT_TRUE(clock.covers({Tid{3}, 7}));
  EXPECT_FALSE(clock.covers({Tid{3}, 8}));
}

TEST(VectorClock, JoinTakesTheLaterOfEachEntryWhateverTheHeights) {
  VectorClock low;
  for (std::uint32_t tid = 1; tid <= 20; ++tid) low.raise({Tid{tid}, tid});
  VectorClock high;
  for (std::uint32_t tid = 1; tid <= 20; ++tid) high.raise({Tid{tid << 20}, tid});
  high.raise({Tid{4}, 100});
  VectorClock one;
  one.assign(low);
  one.join(high);
  VectorClock other;
  other.assign(high);
  other.join(low);
  for (std::uint32_t tid = 1; tid <= 20; ++tid) {
    for (const VectorClock* joined : {&one, &other}) {
      EXPECT_EQ(joined->get(Tid{tid}), tid == 4 ? 100 : tid);
      EXPECT_EQ(joined->get(Tid{tid << 20}), tid);
    }
  }
  EXPECT_EQ(low.get(Tid{4}), 4u);
  EXPECT_EQ(high.get(Tid{5}), 0u);
}

TEST(VectorClock, WritingToAClockLeavesItsCopiesAlone) {
  VectorClock original;
  for (std::uint32_t tid = 1; tid <= 100; ++tid) original.raise({Tid{tid}, 1});
  VectorClock copy;
  copy.assign(original);
  for (std::uint32_t tid = 1; tid <= 100; ++tid) original.raise({Tid{tid}, 2});
  for (std::uint32_t tid = 1; tid <= 100; ++tid) EXPECT_EQ(copy.get(Tid{tid}), 1u);
  original.clear();
  EXPECT_TRUE(original.empty());
  EXPECT_EQ(copy.get(Tid{50}), 1u);
}

void compare_with_model(std::uint64_t seed) {
  SCOPED_TRACE("replay with: CSP_SEED=" + std::to_string(seed));
  constexpr unsigned kClocks = 5;
  std::mt19937_64 random(seed);
  const auto below = [&random](std::uint64_t bound) { return static_cast<std::uint32_t>(random() % bound); };
  // Few Tids, so that they meet; some of them far apart, so that trees of every height occur.
  std::uint32_t tids[40];
  for (std::uint32_t& tid : tids) tid = 1 + below(std::uint64_t{1} << (1 + below(csp::race::kTidBits - 1)));
  VectorClock clocks[kClocks];
  Model models[kClocks];
  for (unsigned step = 0; step < 400; ++step) {
    const unsigned a = below(kClocks);
    const unsigned b = below(kClocks);
    const Epoch epoch{Tid{tids[below(40)]}, 1 + below(50)};
    switch (below(8)) {
      case 0:
        clocks[a].join(clocks[b]);
        for (const auto& [tid, clock] : Model(models[b])) raise(models[a], {Tid{tid}, clock});
        break;
      case 1:
        clocks[a].assign(clocks[b]);
        models[a] = Model(models[b]);
        break;
      case 2:
        if (a == b) break;
        models[a] = models[b];
        {
          // An agent releases its own epoch, and nobody knows a later one of its line.
          const Epoch own{epoch.tid, std::max(epoch.clock, models[a][static_cast<std::uint32_t>(epoch.tid)] + 1)};
          raise(models[a], own);
          clocks[a].assign_release(clocks[b], own);
        }
        break;
      case 3:
        if (below(10) != 0) break;
        clocks[a].clear();
        models[a].clear();
        break;
      default:
        clocks[a].raise(epoch);
        raise(models[a], epoch);
        break;
    }
    for (unsigned i = 0; i < kClocks; ++i) {
      ASSERT_EQ(clocks[i].empty(), models[i].empty());
      for (std::uint32_t tid : tids) {
        const auto known = models[i].find(tid);
        ASSERT_EQ(clocks[i].get(Tid{tid}), known == models[i].end() ? 0 : known->second)
            << "clock " << i << ", tid " << tid << ", step " << step;
      }
    }
  }
}

TEST(VectorClock, AgreesWithAMap) {
  if (const char* seed = std::getenv("CSP_SEED"); seed != nullptr) {
    return compare_with_model(std::strtoull(seed, nullptr, 10));
  }
  for (std::uint64_t seed = 1; seed <= 150 && !HasFailure(); ++seed) compare_with_model(seed);
}

}  // namespace
