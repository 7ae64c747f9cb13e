// The weighted semaphore of x/sync.

#include "csp/semaphore.h"

#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <vector>

#include "csp/context.h"
#include "csp/sync.h"
#include "support/park_watch.h"

namespace csp {
namespace {

using hooks::WaitReason;
using test::ParkWatch;

TEST(Semaphore, LetsInAsMuchAsItHolds) {
  Semaphore semaphore(3);
  EXPECT_TRUE(semaphore.try_acquire(2));
  EXPECT_FALSE(semaphore.try_acquire(2));
  EXPECT_TRUE(semaphore.try_acquire());
  EXPECT_FALSE(semaphore.try_acquire());
  semaphore.release(3);
  EXPECT_TRUE(semaphore.try_acquire(3));
  semaphore.release(3);
}

TEST(Semaphore, NeverLetsInMore) {
  Semaphore semaphore(3);
  std::atomic<int> inside{0};
  std::atomic<int> most{0};
  run([&] {
    WaitGroup all;
    for (int i = 0; i < 10; ++i) {
      all.go([&] {
        for (int j = 0; j < 200; ++j) {
          semaphore.acquire();
          const int now_inside = ++inside;
          if (now_inside > most) most = now_inside;
          yield();
          --inside;
          semaphore.release();
        }
      });
    }
    all.wait();
  });
  EXPECT_LE(most, 3);
}

TEST(Semaphore, ServesInOrderSoThatALargeRequestIsNotStarved) {
  run([] {
    Semaphore semaphore(2);
    Mutex order_lock;
    std::string order;
    const auto note = [&](char c) {
      const std::lock_guard guard(order_lock);
      order += c;
    };
    semaphore.acquire(2);
    const ParkWatch watch(WaitReason::kSemaphore);
    WaitGroup all;
    all.go([&] {
      semaphore.acquire(2);
      note('L');
      semaphore.release(2);
    });
    watch.await(1);
    all.go([&] {
      semaphore.acquire(1);
      note('s');
      semaphore.release(1);
    });
    watch.await(2);
    semaphore.release(1);
    EXPECT_FALSE(semaphore.try_acquire(1));  // It is free, but the large one comes first.
    semaphore.release(1);
    all.wait();
    EXPECT_EQ(order, "Ls");
  });
}

TEST(Semaphore, AcquireGivesUpWhenTheContextIsDone) {
  run([] {
    Semaphore semaphore(1);
    semaphore.acquire();
    auto [ctx, cancel] = with_cancel(background());
    const ParkWatch selects(WaitReason::kSelect);
    const ParkWatch parks(WaitReason::kSemaphore);
    WaitGroup all;
    all.go([&semaphore, ctx] { EXPECT_EQ(semaphore.acquire(ctx), Errc::kCanceled); });
    selects.await(1);
    all.go([&] {  // Behind the one that gives up.
      semaphore.acquire();
      semaphore.release();
    });
    parks.await(1);
    cancel();
    semaphore.release();
    all.wait();
    EXPECT_EQ(semaphore.acquire(ctx), Errc::kCanceled);  // Done already: it loses, though there is room.
    EXPECT_EQ(semaphore.acquire(background()), std::error_code());
    semaphore.release();
  });
}

TEST(Semaphore, OneThatGivesUpLetsTheSmallerBehindItIn) {
  run([] {
    Semaphore semaphore(2);
    semaphore.acquire(1);
    auto [ctx, cancel] = with_cancel(background());
    const ParkWatch selects(WaitReason::kSelect);
    const ParkWatch parks(WaitReason::kSemaphore);
    WaitGroup all;
    all.go([&semaphore, ctx] { EXPECT_EQ(semaphore.acquire(ctx, 2), Errc::kCanceled); });
    selects.await(1);
    all.go([&] { semaphore.acquire(1); });
    parks.await(1);
    cancel();
    all.wait();
    semaphore.release(2);
  });
}

TEST(Semaphore, AcquireWithAContextIsLetInByARelease) {
  run([] {
    Semaphore semaphore(1);
    auto [ctx, cancel] = with_cancel(background());
    for (int i = 0; i < 200; ++i) {
      semaphore.acquire();
      WaitGroup all;
      all.go([&semaphore, ctx] {
        EXPECT_EQ(semaphore.acquire(ctx), std::error_code());
        semaphore.release();
      });
      yield();
      semaphore.release();
      all.wait();
    }
    cancel();
  });
}

TEST(Semaphore, ARequestForMoreThanItHoldsWaitsForTheContext) {
  run([] {
    Semaphore semaphore(1);
    auto [ctx, cancel] = with_cancel(background());
    const ParkWatch receives(WaitReason::kChanRecv);
    WaitGroup all;
    all.go([&semaphore, ctx] { EXPECT_EQ(semaphore.acquire(ctx, 2), Errc::kCanceled); });
    receives.await(1);
    EXPECT_TRUE(semaphore.try_acquire());  // It holds nobody up.
    cancel();
    all.wait();
    semaphore.release();
  });
}

TEST(Semaphore, PanicsWhenMoreIsReleasedThanHeld) {
  Semaphore semaphore(2);
  semaphore.acquire();
  try {
    semaphore.release(2);
    FAIL();
  } catch (const PanicError& panic) {
    EXPECT_STREQ(panic.what(), "semaphore: released more than held");
  }
  semaphore.release();
}

}  // namespace
}  // namespace csp
