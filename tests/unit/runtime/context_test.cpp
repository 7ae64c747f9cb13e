#include "csp/context.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "csp/select.h"
#include "csp/sync.h"

namespace csp {
namespace {

using namespace std::chrono_literals;

bool is_done(const Context& ctx) { return select(recv(ctx.done()), otherwise()) == 0; }

TEST(Context, BackgroundIsNeverDone) {
  for (const Context& ctx : {background(), todo(), Context()}) {
    EXPECT_FALSE(ctx.done());
    EXPECT_FALSE(ctx.err());
    EXPECT_FALSE(cause(ctx));
    EXPECT_EQ(ctx.deadline(), std::nullopt);
  }
  EXPECT_EQ(background(), background());
  EXPECT_NE(background(), todo());
}

TEST(Context, CancelMakesItDoneAndAllBelowIt) {
  auto [ctx, cancel] = with_cancel(background());
  auto [child, cancel_child] = with_cancel(ctx);
  auto [sibling, cancel_sibling] = with_cancel(ctx);
  EXPECT_FALSE(is_done(ctx));
  cancel_sibling();
  EXPECT_TRUE(is_done(sibling));
  EXPECT_FALSE(is_done(ctx));
  cancel();
  cancel();
  for (const Context& done : {ctx, child, sibling}) {
    EXPECT_TRUE(is_done(done));
    EXPECT_EQ(done.err(), Errc::kCanceled);
    EXPECT_EQ(done.err().message(), "context canceled");
    EXPECT_EQ(cause(done), Errc::kCanceled);
  }
  auto [late, cancel_late] = with_cancel(child);
  EXPECT_TRUE(is_done(late));
}

TEST(Context, CancelWakesWhoWaits) {
  run([] {
    auto [ctx, cancel] = with_cancel(background());
    WaitGroup all;
    for (int i = 0; i < 3; ++i) all.go([ctx] { ctx.done().recv(); });
    yield();
    const CancelFunc copy = cancel;
    copy();
    all.wait();
  });
}

TEST(Context, DroppingTheCancelFuncDoesNotCancel) {
  Context kept;
  {
    auto [ctx, cancel] = with_cancel(background());
    kept = ctx;
  }
  EXPECT_FALSE(is_done(kept));
}

TEST(Context, TheFirstCauseWins) {
  const std::error_code disk = std::make_error_code(std::errc::no_space_on_device);
  const std::error_code net = std::make_error_code(std::errc::network_down);
  auto [ctx, cancel] = with_cancel_cause(background());
  auto [child, cancel_child] = with_cancel_cause(ctx);
  auto [other, cancel_other] = with_cancel_cause(ctx);
  EXPECT_FALSE(cause(child));
  cancel_other(net);
  cancel(disk);
  cancel(net);
  cancel_child(net);
  EXPECT_EQ(ctx.err(), Errc::kCanceled);
  EXPECT_EQ(cause(ctx), disk);
  EXPECT_EQ(cause(child), disk);
  EXPECT_EQ(cause(other), net);
  auto [plain, cancel_plain] = with_cancel_cause(background());
  cancel_plain({});
  EXPECT_EQ(cause(plain), Errc::kCanceled);
}

TEST(Context, ATimeoutMakesItDone) {
  run([] {
    const TimePoint start = now();
    auto [ctx, cancel] = with_timeout(background(), 2ms);
    ASSERT_TRUE(ctx.deadline().has_value());
    EXPECT_GE(*ctx.deadline() - start, 2ms);
    ctx.done().recv();
    EXPECT_GE(now(), *ctx.deadline());
    EXPECT_EQ(ctx.err(), Errc::kDeadlineExceeded);
    EXPECT_EQ(ctx.err().message(), "context deadline exceeded");
    EXPECT_EQ(cause(ctx), Errc::kDeadlineExceeded);
    cancel();
    EXPECT_EQ(ctx.err(), Errc::kDeadlineExceeded);
  });
}

TEST(Context, ATimeoutWorksWhenOnlyTheChannelIsKept) {
  run([] {
    const RecvChan<Unit> done = with_timeout(background(), 1ms).ctx.done();
    done.recv();
  });
}

TEST(Context, TheEarlierDeadlineCounts) {
  const TimePoint soon = now() + 1h;
  auto [ctx, cancel] = with_deadline(background(), soon);
  auto [later, cancel_later] = with_deadline(ctx, soon + 1h);
  auto [sooner, cancel_sooner] = with_deadline(ctx, soon - 1min);
  EXPECT_EQ(later.deadline(), soon);
  EXPECT_EQ(sooner.deadline(), soon - 1min);
  auto [over, cancel_over] = with_deadline(ctx, now() - 1s);
  EXPECT_EQ(over.err(), Errc::kDeadlineExceeded);
  auto [at_once, cancel_at_once] = with_timeout(ctx, 0s);
  EXPECT_EQ(at_once.err(), Errc::kDeadlineExceeded);
  auto [canceled, cancel_it] = with_timeout(ctx, std::chrono::hours::max());
  cancel_it();
  EXPECT_EQ(canceled.err(), Errc::kCanceled);
  cancel();
}

TEST(Context, ADeadlinesCauseCountsOnlyWhenItIsOver) {
  const std::error_code slow = std::make_error_code(std::errc::timed_out);
  auto [over, cancel_over] = with_timeout_cause(background(), -1s, slow);
  EXPECT_EQ(over.err(), Errc::kDeadlineExceeded);
  EXPECT_EQ(cause(over), slow);
  auto [canceled, cancel] = with_timeout_cause(background(), 1h, slow);
  cancel();
  EXPECT_EQ(cause(canceled), Errc::kCanceled);
}

struct User {
  using Value = std::string;
};
struct Depth {
  using Value = int;
};

TEST(Context, ValuesAreFoundByKeyNearestFirst) {
  const Context named = with_value<User>(background(), "gopher");
  const Context deep = with_value<Depth>(named, 1);
  const Context deeper = with_value<Depth>(deep, 2);
  EXPECT_EQ(background().value<User>(), nullptr);
  EXPECT_EQ(named.value<Depth>(), nullptr);
  EXPECT_EQ(*deeper.value<User>(), "gopher");
  EXPECT_EQ(*deep.value<Depth>(), 1);
  EXPECT_EQ(*deeper.value<Depth>(), 2);
  auto [ctx, cancel] = with_cancel(deeper);
  EXPECT_EQ(*ctx.value<Depth>(), 2);
  const Context below = with_value<Depth>(ctx, 3);
  EXPECT_EQ(below.done(), ctx.done());
  cancel();
  EXPECT_EQ(below.err(), Errc::kCanceled);
}

struct Token {
  using Value = std::shared_ptr<int>;
};

TEST(Context, ValuesLiveAsLongAsAContextBelow) {
  const auto token = std::make_shared<int>(0);
  Context kept;
  {
    auto [ctx, cancel] = with_cancel(with_value<Token>(background(), token));
    kept = with_value<Depth>(ctx, 1);
  }
  EXPECT_EQ(token.use_count(), 2);
  kept = background();
  EXPECT_EQ(token.use_count(), 1);
}

TEST(Context, WithoutCancelKeepsOnlyTheValues) {
  auto [ctx, cancel] = with_timeout(with_value<User>(background(), "gopher"), 1h);
  const Context apart = without_cancel(ctx);
  auto [child, cancel_child] = with_cancel(apart);
  cancel();
  EXPECT_FALSE(apart.done());
  EXPECT_FALSE(apart.err());
  EXPECT_FALSE(cause(apart));
  EXPECT_EQ(apart.deadline(), std::nullopt);
  EXPECT_EQ(*apart.value<User>(), "gopher");
  EXPECT_FALSE(is_done(child));
  cancel_child();
  EXPECT_TRUE(is_done(child));
}

TEST(Context, AfterFuncRunsOnceDone) {
  run([] {
    Chan<std::uint64_t> called = make_chan<std::uint64_t>();
    auto [ctx, cancel] = with_cancel(background());
    auto stop = after_func(ctx, [called] { called.send(goroutine_id()); });
    EXPECT_EQ(called.try_recv(), std::nullopt);
    cancel();
    EXPECT_NE(called.recv(), goroutine_id());
    EXPECT_FALSE(stop());
    auto stop_late = after_func(ctx, [called] { called.send(0); });
    called.recv();
    EXPECT_FALSE(stop_late());
  });
}

TEST(Context, AfterFuncCanBeStopped) {
  run([] {
    const auto token = std::make_shared<int>(0);
    auto [ctx, cancel] = with_cancel(background());
    auto stop = after_func(ctx, [token] { FAIL(); });
    EXPECT_EQ(token.use_count(), 2);
    EXPECT_TRUE(stop());
    EXPECT_EQ(token.use_count(), 1);
    EXPECT_FALSE(stop());
    cancel();
    auto never = after_func(background(), [] { FAIL(); });
    EXPECT_TRUE(never());
    EXPECT_FALSE(never());
  });
}

TEST(Context, ParentsAreDoneBeforeTheirChildren) {
  run([] {
    auto [ctx, cancel] = with_cancel(background());
    auto [child, cancel_child] = with_cancel(ctx);
    WaitGroup watcher;
    watcher.go([ctx, child] {
      child.done().recv();
      EXPECT_TRUE(ctx.err());
      EXPECT_TRUE(is_done(ctx));
    });
    yield();
    cancel();
    watcher.wait();
  });
}

TEST(Context, LongChainsAreCancelledAndFreed) {
  auto [ctx, cancel] = with_cancel(background());
  Context last = ctx;
  for (int i = 0; i < 100'000; ++i) last = with_cancel(last).ctx;
  cancel();
  EXPECT_TRUE(is_done(last));
}

TEST(Context, CancellingFromAllSidesAtOnceIsFine) {
  run([] {
    for (int round = 0; round < 100; ++round) {
      auto [ctx, cancel] = with_cancel(background());
      WaitGroup all;
      for (int i = 0; i < 4; ++i) {
        all.go([ctx] {
          auto [child, cancel_child] = with_timeout(ctx, 1h);
          auto [grandchild, cancel_grandchild] = with_cancel(child);
          yield();
          cancel_child();
          grandchild.done().recv();
          EXPECT_TRUE(grandchild.err());
        });
      }
      yield();
      cancel();
      all.wait();
    }
  });
}

TEST(Context, ADefaultCancelFuncPanics) {
  EXPECT_THROW(CancelFunc()(), PanicError);
  EXPECT_FALSE(CancelFunc());
}

}  // namespace
}  // namespace csp
