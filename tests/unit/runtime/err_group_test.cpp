#include "csp/err_group.h"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <stdexcept>

#include "csp/sync.h"

namespace csp {
namespace {

const std::error_code kDisk = std::make_error_code(std::errc::no_space_on_device);
const std::error_code kNet = std::make_error_code(std::errc::network_down);

TEST(ErrGroup, WaitsForAllAndReturnsNoErrorWhenNoneFailed) {
  run([] {
    ErrGroup group;
    std::atomic<int> done{0};
    for (int i = 0; i < 20; ++i) group.go([&] { ++done; });
    group.go([&] { return std::error_code(); });
    EXPECT_FALSE(group.wait());
    EXPECT_EQ(done, 20);
  });
}

TEST(ErrGroup, ReturnsTheFirstErrorAndCancelsTheContextWithIt) {
  run([] {
    auto [group, ctx] = ErrGroup::with_context(background());
    group.go([] { return kDisk; });
    group.go([ctx] {
      ctx.done().recv();
      return kNet;
    });
    EXPECT_EQ(group.wait(), kDisk);
    EXPECT_EQ(ctx.err(), Errc::kCanceled);
    EXPECT_EQ(cause(ctx), kDisk);
    EXPECT_EQ(group.wait(), kDisk);
  });
}

TEST(ErrGroup, WaitCancelsTheContextInAnyCase) {
  run([] {
    auto [group, ctx] = ErrGroup::with_context(background());
    group.go([] {});
    EXPECT_FALSE(group.wait());
    EXPECT_EQ(ctx.err(), Errc::kCanceled);
    EXPECT_EQ(cause(ctx), Errc::kCanceled);
  });
}

TEST(ErrGroup, RethrowsTheFirstException) {
  run([] {
    auto [group, ctx] = ErrGroup::with_context(background());
    group.go([] { throw std::out_of_range("boom"); });
    group.go([ctx] {
      ctx.done().recv();
      return kNet;
    });
    EXPECT_THROW((void)group.wait(), std::out_of_range);
    EXPECT_EQ(cause(ctx), Errc::kCanceled);
  });
}

TEST(ErrGroup, ASystemErrorIsTheCause) {
  run([] {
    auto [group, ctx] = ErrGroup::with_context(background());
    group.go([] { throw std::system_error(kDisk); });
    EXPECT_THROW((void)group.wait(), std::system_error);
    EXPECT_EQ(cause(ctx), kDisk);
  });
}

TEST(ErrGroup, CountsAGoexitAsDone) {
  run([] {
    ErrGroup group;
    group.go([] { goexit(); });
    EXPECT_FALSE(group.wait());
  });
}

TEST(ErrGroup, RunsNoMoreThanTheLimit) {
  run([] {
    ErrGroup group;
    group.set_limit(3);
    std::atomic<int> running{0};
    std::atomic<int> most{0};
    for (int i = 0; i < 50; ++i) {
      group.go([&] {
        const int now_running = ++running;
        if (now_running > most) most = now_running;
        yield();
        --running;
      });
    }
    EXPECT_FALSE(group.wait());
    EXPECT_LE(most, 3);
  });
}

TEST(ErrGroup, TryGoFailsAtTheLimit) {
  run([] {
    ErrGroup group;
    group.set_limit(1);
    Chan<Unit> gate = make_chan<Unit>();
    EXPECT_TRUE(group.try_go([gate] { gate.recv(); }));
    EXPECT_FALSE(group.try_go([] {}));
    gate.close();
    EXPECT_FALSE(group.wait());
    EXPECT_TRUE(group.try_go([] {}));
    EXPECT_FALSE(group.wait());
    group.set_limit(0);
    EXPECT_FALSE(group.try_go([] {}));
    group.set_limit(-1);
    EXPECT_TRUE(group.try_go([] {}));
  });
}

TEST(ErrGroup, SetLimitPanicsWhileTasksRun) {
  run([] {
    ErrGroup group;
    Chan<Unit> gate = make_chan<Unit>();
    for (int i = 0; i < 2; ++i) group.go([gate] { gate.recv(); });
    try {
      group.set_limit(1);
      ADD_FAILURE() << "no panic";
    } catch (const PanicError& panic) {
      EXPECT_STREQ(panic.what(), "errgroup: modify limit while 2 goroutines in the group are still active");
    }
    gate.close();
    EXPECT_FALSE(group.wait());
  });
}

TEST(ErrGroup, ItsEndWaits) {
  run([] {
    std::atomic<int> done{0};
    {
      ErrGroup group;
      for (int i = 0; i < 5; ++i) {
        group.go([&] {
          yield();
          ++done;
        });
      }
      ErrGroup moved(std::move(group));
    }
    EXPECT_EQ(done, 5);
  });
}

TEST(ErrGroup, TakesMoveOnlyTasks) {
  run([] {
    ErrGroup group;
    int sum = 0;
    group.go([number = std::make_unique<int>(7), &sum] { sum += *number; });
    EXPECT_FALSE(group.wait());
    EXPECT_EQ(sum, 7);
  });
}

}  // namespace
}  // namespace csp
