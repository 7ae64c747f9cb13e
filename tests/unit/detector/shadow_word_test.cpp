// ShadowWord: what is put in comes out, at the ends of the ranges too, and no access looks like a special word.

#include "core/shadow_word.h"

#include <gtest/gtest.h>

namespace {

using csp::race::Clock;
using csp::race::Epoch;
using csp::race::kClockMax;
using csp::race::kTidMax;
using csp::race::ShadowWord;
using csp::race::Tid;

TEST(ShadowWord, KeepsEveryField) {
  for (const std::uint32_t tid : {1u, 2u, kTidMax - 1, kTidMax}) {
    for (const Clock clock : {Clock{1}, Clock{2}, kClockMax - 1, kClockMax}) {
      for (const unsigned mask : {0x01u, 0x80u, 0x3cu, 0xffu}) {
        for (const bool write : {false, true}) {
          for (const bool atomic : {false, true}) {
            const ShadowWord word = ShadowWord::of({Tid{tid}, clock}, write, atomic, mask);
            EXPECT_EQ(word.tid(), Tid{tid});
            EXPECT_EQ(word.clock(), clock);
            EXPECT_EQ(word.write(), write);
            EXPECT_EQ(word.atomic(), atomic);
            EXPECT_EQ(word.mask(), mask);
            EXPECT_FALSE(word.empty());
            EXPECT_FALSE(word.is_locked());
            EXPECT_FALSE(word.is_spilled());
          }
        }
      }
    }
  }
}

TEST(ShadowWord, WithoutItsLastByteIsEmpty) {
  const ShadowWord word = ShadowWord::of({Tid{1}, 1}, true, false, 0x0f);
  EXPECT_EQ(word.without(0x03).mask(), 0x0cu);
  EXPECT_EQ(word.without(0xf0).bits(), word.bits());
  EXPECT_TRUE(word.without(0x0f).empty());
}

TEST(ShadowWord, CoversTheSameKindOfAccessToFewerBytesInTheSameEpoch) {
  const Epoch now{Tid{5}, 9};
  const ShadowWord word = ShadowWord::of(now, true, false, 0x0f);
  EXPECT_TRUE(word.same_epoch_covers(ShadowWord::of(now, true, false, 0x03)));
  EXPECT_FALSE(word.same_epoch_covers(ShadowWord::of(now, true, false, 0x10)));
  EXPECT_FALSE(word.same_epoch_covers(ShadowWord::of(now, false, false, 0x03)));
  EXPECT_FALSE(word.same_epoch_covers(ShadowWord::of(now, true, true, 0x03)));
  EXPECT_FALSE(word.same_epoch_covers(ShadowWord::of({Tid{5}, 8}, true, false, 0x03)));
  EXPECT_FALSE(word.same_epoch_covers(ShadowWord::of({Tid{4}, 9}, true, false, 0x03)));
}

TEST(ShadowWord, SpecialWordsAreToldApart) {
  EXPECT_TRUE(ShadowWord::locked().is_locked());
  EXPECT_FALSE(ShadowWord::locked().is_spilled());
  for (const std::uint32_t cell : {1u, 1u << 20, (1u << 31) - 1}) {
    EXPECT_TRUE(ShadowWord::spilled(cell).is_spilled());
    EXPECT_FALSE(ShadowWord::spilled(cell).is_locked());
    EXPECT_EQ(ShadowWord::spilled(cell).side_cell(), cell);
  }
}

}  // namespace
