// SyncMap and CheckedMap.

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "csp/go.h"
#include "csp/sync.h"

namespace csp {
namespace {

using testing::ExitedWithCode;

TEST(SyncMap, DoesWhatGosDoes) {
  SyncMap<std::string, int> map;
  EXPECT_EQ(map.load("a"), std::nullopt);
  map.store("a", 1);
  EXPECT_EQ(map.load("a"), 1);
  EXPECT_EQ(map.load_or_store("a", 2), std::pair(1, true));
  EXPECT_EQ(map.load_or_store("b", 2), std::pair(2, false));
  EXPECT_EQ(map.swap("b", 3), 2);
  EXPECT_EQ(map.swap("c", 4), std::nullopt);
  EXPECT_FALSE(map.compare_and_swap("b", 2, 5));
  EXPECT_TRUE(map.compare_and_swap("b", 3, 5));
  EXPECT_FALSE(map.compare_and_swap("none", 0, 1));
  EXPECT_FALSE(map.compare_and_delete("b", 3));
  EXPECT_TRUE(map.compare_and_delete("b", 5));
  EXPECT_EQ(map.load("b"), std::nullopt);
  EXPECT_EQ(map.load_and_delete("c"), 4);
  EXPECT_EQ(map.load_and_delete("c"), std::nullopt);
  map.erase("a");
  map.erase("a");
  EXPECT_EQ(map.load("a"), std::nullopt);
}

TEST(SyncMap, RangeSeesEachKeyOnceAndMayUseTheMap) {
  SyncMap<int, int> map;
  for (int i = 0; i < 100; ++i) map.store(i, i * i);
  std::vector<bool> seen(100);
  map.range([&](const int& key, int& value) {
    EXPECT_EQ(value, key * key);
    EXPECT_FALSE(seen[static_cast<std::size_t>(key)]);
    seen[static_cast<std::size_t>(key)] = true;
    map.erase(key);
    return true;
  });
  EXPECT_EQ(seen, std::vector<bool>(100, true));
  int left = 0;
  map.range([&](const int&, int&) { return ++left < 1; });
  EXPECT_EQ(left, 0);
  map.store(1, 1);
  map.store(2, 2);
  map.range([&](const int&, int&) {
    ++left;
    return false;
  });
  EXPECT_EQ(left, 1);
  map.clear();
  EXPECT_EQ(map.load(1), std::nullopt);
}

TEST(SyncMap, DestroysWhatIsReplacedErasedAndLeft) {
  const auto token = std::make_shared<int>(0);
  {
    SyncMap<int, std::shared_ptr<int>> map;
    for (int i = 0; i < 50; ++i) map.store(i % 10, token);
    EXPECT_EQ(token.use_count(), 11);
    map.erase(3);
    EXPECT_EQ(token.use_count(), 10);
  }
  EXPECT_EQ(token.use_count(), 1);
}

TEST(SyncMap, CountsRightWhenManyCompareAndSwap) {
  SyncMap<int, int> map;
  run([&] {
    WaitGroup all;
    for (int i = 0; i < 8; ++i) {
      all.go([&] {
        for (int j = 0; j < 500; ++j) {
          const int key = j % 7;
          for (;;) {
            const auto [now, loaded] = map.load_or_store(key, 1);
            if (!loaded || map.compare_and_swap(key, now, now + 1)) break;
          }
        }
      });
    }
    all.wait();
  });
  int total = 0;
  map.range([&](const int&, const int& value) {
    total += value;
    return true;
  });
  EXPECT_EQ(total, 4000);
}

TEST(CheckedMap, IsAMapWhenUsedInTurn) {
  CheckedMap<std::string, int> map{{"a", 1}};
  map["b"] = 2;
  EXPECT_TRUE(map.insert({"c", 3}).second);
  EXPECT_FALSE(map.emplace("c", 4).second);
  EXPECT_EQ(map.at("c"), 3);
  EXPECT_EQ(map.size(), 3u);
  EXPECT_TRUE(map.contains("a"));
  EXPECT_NE(map.find("a"), map.end());
  const auto& reading = map;
  EXPECT_EQ(reading["b"], 2);
  EXPECT_EQ(reading["none"], 0);
  EXPECT_EQ(reading.find("none"), reading.end());
  EXPECT_THROW((void)reading.at("none"), std::out_of_range);
  int sum = 0;
  for (auto& [key, value] : map) sum += value++;
  for (const auto& [key, value] : reading) sum += value;
  EXPECT_EQ(sum, 6 + 9);
  for (auto it = map.begin(); it != map.end();) it = it->first == "b" ? map.erase(it) : std::next(it);
  EXPECT_EQ(map.erase("b"), 0u);
  EXPECT_EQ(map.erase("a"), 1u);
  map.clear();
  EXPECT_TRUE(map.empty());
}

TEST(CheckedMap, LetsGoroutinesTakeTurnsUnderALock) {
  CheckedMap<int, int> map;
  RwMutex mutex;
  run([&] {
    WaitGroup all;
    for (int i = 0; i < 8; ++i) {
      all.go([&, i] {
        for (int j = 0; j < 500; ++j) {
          if (i % 2 == 0) {
            const std::lock_guard guard(mutex);
            ++map[j % 50];
          } else {
            mutex.lock_shared();
            int sum = 0;
            for (const auto& [key, value] : map) sum += value;
            EXPECT_LE(map.size(), 50u);
            EXPECT_GE(sum, 0);
            mutex.unlock_shared();
          }
        }
      });
    }
    all.wait();
  });
  EXPECT_EQ(map.size(), 50u);
}

// A key whose hash lets another goroutine run, so that operations overlap on one processor too.
struct SlowKey {
  int value;
  bool operator==(const SlowKey&) const = default;
};
struct SlowHash {
  std::size_t operator()(const SlowKey& key) const {
    yield();
    return static_cast<std::size_t>(key.value);
  }
};
using SlowMap = CheckedMap<SlowKey, int, SlowHash>;

TEST(CheckedMapDeathTest, ConcurrentWritesAreFatal) {
  EXPECT_EXIT(run([] {
                SlowMap map;
                WaitGroup all;
                for (int i = 0; i < 2; ++i) {
                  all.go([&map, i] {
                    for (;;) map[{i}] = 1;
                  });
                }
                all.wait();
              }),
              ExitedWithCode(2), "fatal error: concurrent map writes\n");
}

TEST(CheckedMapDeathTest, AReadDuringAWriteIsFatal) {
  EXPECT_EXIT(run([] {
                SlowMap map;
                WaitGroup all;
                all.go([&map] {
                  for (;;) map[{1}] = 1;
                });
                all.go([&map] {
                  for (;;) (void)map.contains({2});
                });
                all.wait();
              }),
              ExitedWithCode(2), "fatal error: concurrent map read and map write\n");
}

TEST(CheckedMapDeathTest, AWriteDuringAnIterationIsFatal) {
  EXPECT_EXIT(run([] {
                CheckedMap<int, int> map{{1, 1}, {2, 2}, {3, 3}};
                WaitGroup writer;
                for ([[maybe_unused]] auto& entry : map) {
                  writer.go([&map] { map[4] = 4; });
                  writer.wait();
                }
              }),
              ExitedWithCode(2), "fatal error: concurrent map iteration and map write\n");
}

}  // namespace
}  // namespace csp
