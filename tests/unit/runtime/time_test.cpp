// Clock, sleep, Timer and Ticker. Nothing here asserts that something was fast enough.

#include "csp/time.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <optional>
#include <thread>
#include <utility>

#include "csp/select.h"
#include "csp/sync.h"

namespace csp {
namespace {

using namespace std::chrono_literals;

std::string panic_of(void (*f)()) {
  try {
    f();
  } catch (const PanicError& panic) {
    return panic.what();
  }
  return "";
}

TEST(Sleep, TakesAtLeastItsTime) {
  run([] {
    const TimePoint start = now();
    sleep(2ms);
    EXPECT_GE(now() - start, 2ms);
  });
  const TimePoint start = now();
  sleep(0.002s);  // On a thread, and any duration.
  EXPECT_GE(now() - start, 2ms);
}

TEST(Sleep, ReturnsAtOnceForNothingOrLess) {
  sleep(0s);
  sleep(-1h);
  sleep(std::chrono::hours::min());
}

TEST(Sleep, ManyWakeInTheEnd) {
  run([] {
    WaitGroup all;
    std::atomic<int> woken{0};
    for (int i = 0; i < 500; ++i) {
      all.go([&, i] {
        sleep(std::chrono::microseconds(37 * i % 5000));
        ++woken;
      });
    }
    all.wait();
    EXPECT_EQ(woken, 500);
  });
}

TEST(Timer, SendsTheTimeOnce) {
  run([] {
    const TimePoint start = now();
    Timer timer(1ms);
    const TimePoint fired = timer.chan().recv();
    EXPECT_GE(fired - start, 1ms);
    EXPECT_FALSE(timer.stop());
    EXPECT_EQ(timer.chan().try_recv(), std::nullopt);
  });
}

TEST(Timer, StopKeepsItFromFiring) {
  run([] {
    Timer timer(1h);
    EXPECT_TRUE(timer.stop());
    EXPECT_FALSE(timer.stop());
    EXPECT_EQ(timer.chan().try_recv(), std::nullopt);
  });
}

TEST(Timer, LeavesNoStaleValueAfterStopOrReset) {
  run([] {
    Timer timer(1ms);
    sleep(5ms);  // Longer than the timer: it has fired, unseen.
    EXPECT_TRUE(timer.stop());
    EXPECT_EQ(timer.chan().try_recv(), std::nullopt);
    EXPECT_FALSE(timer.reset(1ms));
    sleep(5ms);
    EXPECT_TRUE(timer.reset(1h));
    EXPECT_EQ(timer.chan().try_recv(), std::nullopt);
    EXPECT_TRUE(timer.reset(1ms));
    EXPECT_TRUE(timer.chan().receive().has_value());
    EXPECT_FALSE(timer.reset(1h));
    EXPECT_TRUE(timer.stop());
  });
}

TEST(Timer, LeavesNoStaleValueHoweverStopMeetsTheFiring) {
  run([] {
    for (int i = 0; i < 2000; ++i) {
      Timer timer(std::chrono::microseconds(i % 20));
      for (int j = 0; j < i % 7; ++j) yield();
      const bool stopped = timer.stop();
      EXPECT_TRUE(stopped);  // Nobody received.
      EXPECT_EQ(timer.chan().try_recv(), std::nullopt);
    }
  });
}

TEST(Timer, ItsChannelLooksUnbuffered) {
  run([] {
    Timer timer(1ms);
    sleep(5ms);
    EXPECT_EQ(timer.chan().len(), 0u);
    EXPECT_EQ(timer.chan().cap(), 0u);
    EXPECT_TRUE(timer.chan().try_recv().has_value());
  });
}

TEST(Timer, ItsChannelOutlivesIt) {
  run([] {
    const TimePoint start = now();
    const RecvChan<TimePoint> channel = Timer(1ms).chan();
    EXPECT_GE(channel.recv() - start, 1ms);
    EXPECT_GE(after(1ms).recv() - start, 2ms);
  });
}

TEST(Timer, MayBeMoved) {
  run([] {
    Timer timer(1h);
    Timer moved(std::move(timer));
    EXPECT_TRUE(moved.stop());
    moved = Timer(1h);
    EXPECT_TRUE(moved.stop());
  });
}

TEST(Timer, FarAwayIsNotNow) {
  run([] {
    const RecvChan<TimePoint> never = after(std::chrono::hours::max());
    switch (select(recv(never), recv(after(1ms)))) {
      case 0:
        FAIL();
        break;
      default:
        break;
    }
  });
}

TEST(AfterFunc, CallsInAGoroutineOfItsOwn) {
  run([] {
    Chan<std::uint64_t> called = make_chan<std::uint64_t>();
    const Timer timer = after_func(1ms, [called] { called.send(goroutine_id()); });
    EXPECT_FALSE(timer.chan());
    const std::uint64_t id = called.recv();
    EXPECT_NE(id, 0u);
    EXPECT_NE(id, goroutine_id());
  });
}

TEST(AfterFunc, CanBeStoppedAndSetAgain) {
  run([] {
    Chan<Unit> called = make_chan<Unit>();
    Timer timer = after_func(1h, [called] { called.send({}); });
    EXPECT_TRUE(timer.stop());
    EXPECT_FALSE(timer.stop());
    EXPECT_FALSE(timer.reset(1ms));
    called.recv();
    EXPECT_FALSE(timer.reset(1ms));
    called.recv();
    EXPECT_FALSE(timer.stop());
  });
}

TEST(AfterFunc, GoesOnWhenItsHandleIsDropped) {
  run([] {
    Chan<Unit> called = make_chan<Unit>();
    after_func(1ms, [called] { called.send({}); });
    called.recv();
  });
}

TEST(Ticker, TicksAgainAndAgain) {
  run([] {
    const TimePoint start = now();
    Ticker ticker(1ms);
    for (int i = 1; i <= 5; ++i) EXPECT_GE(ticker.chan().recv() - start, i * 1ms);
    EXPECT_TRUE(ticker.stop());
    EXPECT_FALSE(ticker.stop());
    EXPECT_EQ(ticker.chan().try_recv(), std::nullopt);
    EXPECT_FALSE(ticker.reset(1ms));
    ticker.chan().recv();
  });
}

TEST(Ticker, DropsWhatNobodyReceives) {
  run([] {
    Ticker ticker(1ms);
    sleep(10ms);
    EXPECT_TRUE(ticker.chan().try_recv().has_value());
    ticker.stop();
  });
}

TEST(Ticker, ItsEndStopsIt) {
  run([] {
    RecvChan<TimePoint> channel;
    {
      Ticker first(1ms);
      channel = first.chan();
      Ticker second(std::move(first));
      second.chan().recv();
      second = Ticker(1h);  // Ends what it had.
      EXPECT_EQ(channel.try_recv(), std::nullopt);
      channel = second.chan();
    }
    EXPECT_EQ(channel.try_recv(), std::nullopt);
  });
}

TEST(Ticker, PanicsWithoutAPeriod) {
  EXPECT_EQ(panic_of([] { Ticker ticker(0s); }), "non-positive interval for NewTicker");
  EXPECT_EQ(panic_of([] {
              Ticker ticker(1h);
              ticker.reset(-1s);
            }),
            "non-positive interval for Ticker.Reset");
}

TEST(Timers, FireForThreadsToo) {
  std::thread thread([] {
    sleep(1ms);
    after(1ms).recv();
  });
  thread.join();
}

}  // namespace
}  // namespace csp
