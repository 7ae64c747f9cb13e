// The table of synchronisation objects and heap blocks by address.

#include "core/meta_table.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace {

using csp::race::Address;
using csp::race::ContextId;
using csp::race::find_sync_var;
using csp::race::HeapBlock;
using csp::race::sync_var;

alignas(64) unsigned char memory[4096];

Address at(std::size_t offset) { return reinterpret_cast<Address>(memory) + offset; }

TEST(MetaTable, KnowsASyncVarByItsExactAddress) {
  auto& first = sync_var(at(0));
  auto& second = sync_var(at(1));
  EXPECT_NE(&first, &second);
  EXPECT_EQ(&sync_var(at(0)), &first);
  EXPECT_EQ(find_sync_var(at(1)), &second);
  EXPECT_EQ(find_sync_var(at(2)), nullptr);
}

TEST(MetaTable, ForgetsExactlyTheRange) {
  for (std::size_t i = 100; i < 132; ++i) sync_var(at(i));
  csp::race::forget_sync_vars(at(105), 20);
  for (std::size_t i = 100; i < 132; ++i) EXPECT_EQ(find_sync_var(at(i)) == nullptr, i >= 105 && i < 125) << i;
}

TEST(MetaTable, FindsTheBlockAroundAnAddress) {
  csp::race::add_block(at(1024), 100, ContextId::kEmpty, nullptr);
  sync_var(at(1024));
  HeapBlock found;
  for (const std::size_t inside : {1024u, 1025u, 1100u, 1123u}) {
    ASSERT_TRUE(csp::race::find_block(at(inside), &found)) << inside;
    EXPECT_EQ(found.address, at(1024));
    EXPECT_EQ(found.size, 100u);
  }
  EXPECT_FALSE(csp::race::find_block(at(1124), &found));
  EXPECT_EQ(csp::race::remove_block(at(1025)), SIZE_MAX);
  EXPECT_EQ(csp::race::remove_block(at(1024)), 100u);
  EXPECT_EQ(csp::race::remove_block(at(1024)), SIZE_MAX);
  EXPECT_FALSE(csp::race::find_block(at(1050), &found));
  EXPECT_NE(find_sync_var(at(1024)), nullptr);
}

TEST(MetaTable, ThreadsThatAskAtOnceGetTheSameSyncVar) {
  constexpr unsigned kThreads = 4;
  constexpr std::size_t kObjects = 512;
  std::vector<csp::race::SyncVar*> results[kThreads];
  std::vector<std::thread> threads;
  for (auto& result : results) {
    threads.emplace_back([&result] {
      for (std::size_t i = 0; i < kObjects; ++i) result.push_back(&sync_var(at(2048 + i)));
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const auto& result : results) EXPECT_EQ(result, results[0]);
}

}  // namespace
