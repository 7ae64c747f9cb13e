// Mutex, RwMutex, WaitGroup, Once and Cond: what Go's sync package promises.

#include "csp/sync.h"

#include <gtest/gtest.h>

#include <mutex>
#include <optional>
#include <shared_mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "csp/go.h"
#include "support/park_watch.h"

namespace csp {
namespace {

using hooks::WaitReason;
using test::ParkWatch;
using testing::ExitedWithCode;

std::string panic_of(void (*f)()) {
  try {
    f();
  } catch (const PanicError& panic) {
    return panic.what();
  }
  return "";
}

TEST(Mutex, LetsOneInAtATime) {
  Mutex mutex;
  int count = 0;
  run([&] {
    WaitGroup all;
    for (int i = 0; i < 8; ++i) {
      all.go([&] {
        for (int j = 0; j < 2000; ++j) {
          const std::lock_guard guard(mutex);
          const int seen = count;
          if (j % 64 == 0) yield();
          count = seen + 1;
        }
      });
    }
    all.wait();
  });
  EXPECT_EQ(count, 16000);
}

TEST(Mutex, WorksBetweenGoroutinesAndThreads) {
  Mutex mutex;
  int count = 0;
  const auto work = [&] {
    for (int j = 0; j < 2000; ++j) {
      const std::lock_guard guard(mutex);
      ++count;
    }
  };
  std::thread a(work);
  std::thread b(work);
  run([&] {
    WaitGroup all;
    all.go(work);
    all.go(work);
    all.wait();
  });
  a.join();
  b.join();
  EXPECT_EQ(count, 8000);
}

TEST(Mutex, TryLockFailsOnlyWhileLocked) {
  Mutex mutex;
  ASSERT_TRUE(mutex.try_lock());
  EXPECT_FALSE(mutex.try_lock());
  mutex.unlock();
  EXPECT_TRUE(mutex.try_lock());
  mutex.unlock();
}

TEST(Mutex, MayBeUnlockedByAnotherGoroutine) {
  run([] {
    Mutex mutex;
    mutex.lock();
    go([&] { mutex.unlock(); });
    mutex.lock();
    mutex.unlock();
  });
}

TEST(Mutex, ServesAWaiterThatANewcomerKeepsOvertaking) {
  run([] {
    Mutex mutex;
    bool served = false;
    mutex.lock();
    const ParkWatch watch(WaitReason::kMutexLock);
    WaitGroup waiter;
    waiter.go([&] {
      const std::lock_guard guard(mutex);
      served = true;
    });
    watch.await(1);
    while (!served) {  // Holds the lock whenever the waiter could run.
      mutex.unlock();
      mutex.lock();
      yield();
    }
    mutex.unlock();
    waiter.wait();
  });
}

TEST(Mutex, WorksWithTheStandardsGuards) {
  Mutex a;
  RwMutex b;
  {
    const std::scoped_lock both(a, b);
    EXPECT_FALSE(b.try_lock_shared());
  }
  const std::shared_lock shared(b);
  const std::unique_lock unique(a, std::try_to_lock);
  EXPECT_TRUE(unique.owns_lock());
}

TEST(MutexDeathTest, UnlockOfUnlockedIsFatal) {
  EXPECT_EXIT(
      {
        Mutex mutex;
        mutex.unlock();
      },
      ExitedWithCode(2), "fatal error: sync: unlock of unlocked mutex");
}

TEST(RwMutex, LetsReadersInTogether) {
  run([] {
    RwMutex mutex;
    mutex.lock_shared();
    WaitGroup other;
    other.go([&] {
      mutex.lock_shared();
      mutex.unlock_shared();
    });
    other.wait();
    EXPECT_FALSE(mutex.try_lock());
    mutex.unlock_shared();
    EXPECT_TRUE(mutex.try_lock());
    EXPECT_FALSE(mutex.try_lock());
    EXPECT_FALSE(mutex.try_lock_shared());
    mutex.unlock();
  });
}

TEST(RwMutex, AWaitingWriterKeepsNewReadersOut) {
  run([] {
    RwMutex mutex;
    mutex.lock_shared();
    const ParkWatch writers(WaitReason::kRwMutexLock);
    const ParkWatch readers(WaitReason::kRwMutexRLock);
    std::string order;
    WaitGroup all;
    all.go([&] {
      mutex.lock();
      order += 'w';
      mutex.unlock();
    });
    writers.await(1);
    EXPECT_FALSE(mutex.try_lock_shared());
    all.go([&] {
      mutex.lock_shared();
      order += 'r';
      mutex.unlock_shared();
    });
    readers.await(1);
    EXPECT_EQ(order, "");
    mutex.unlock_shared();
    all.wait();
    EXPECT_EQ(order, "wr");
  });
}

TEST(RwMutex, ReadersThatWaitedGoBeforeTheNextWriter) {
  run([] {
    RwMutex mutex;
    Mutex order_lock;
    std::string order;
    const auto note = [&](char c) {
      const std::lock_guard guard(order_lock);
      order += c;
    };
    mutex.lock();
    const ParkWatch writers(WaitReason::kRwMutexLock);
    const ParkWatch readers(WaitReason::kRwMutexRLock);
    WaitGroup all;
    all.go([&] {
      mutex.lock();
      note('w');
      mutex.unlock();
    });
    writers.await(1);
    for (int i = 0; i < 2; ++i) {
      all.go([&] {
        mutex.lock_shared();
        note('r');
        mutex.unlock_shared();
      });
    }
    readers.await(2);
    mutex.unlock();
    all.wait();
    EXPECT_EQ(order, "rrw");
  });
}

TEST(RwMutex, KeepsReadersAndWritersApart) {
  RwMutex mutex;
  int value = 0;
  int mirror = 0;
  int torn = 0;
  run([&] {
    WaitGroup all;
    for (int i = 0; i < 2; ++i) {
      all.go([&] {
        for (int j = 0; j < 1000; ++j) {
          const std::lock_guard guard(mutex);
          ++value;
          if (j % 16 == 0) yield();
          ++mirror;
        }
      });
    }
    for (int i = 0; i < 4; ++i) {
      all.go([&] {
        for (int j = 0; j < 1000; ++j) {
          bool same;
          {
            const std::shared_lock guard(mutex);
            same = value == mirror;
            if (j % 32 == 0) yield();
          }
          if (!same) {
            const std::lock_guard guard(mutex);
            ++torn;
          }
        }
      });
    }
    all.wait();
  });
  EXPECT_EQ(value, 2000);
  EXPECT_EQ(mirror, 2000);
  EXPECT_EQ(torn, 0);
}

TEST(RwMutexDeathTest, UnlockOfUnlockedIsFatal) {
  EXPECT_EXIT(
      {
        RwMutex mutex;
        mutex.lock_shared();
        mutex.unlock();
      },
      ExitedWithCode(2), "fatal error: sync: Unlock of unlocked RWMutex");
  EXPECT_EXIT(
      {
        RwMutex mutex;
        mutex.lock();
        mutex.unlock_shared();
      },
      ExitedWithCode(2), "fatal error: sync: RUnlock of unlocked RWMutex");
}

TEST(WaitGroup, WaitReturnsWhenTheCounterIsZero) {
  run([] {
    WaitGroup group;
    group.wait();  // It is zero.
    std::atomic<int> done{0};
    for (int round = 0; round < 50; ++round) {
      done = 0;
      group.add(10);
      for (int i = 0; i < 10; ++i) {
        go([&] {
          ++done;
          group.done();
        });
      }
      group.wait();
      EXPECT_EQ(done, 10);
    }
  });
}

TEST(WaitGroup, LetsSeveralWaitersGo) {
  run([] {
    WaitGroup work;
    WaitGroup waiters;
    work.add(1);
    const ParkWatch watch(WaitReason::kWaitGroupWait);
    for (int i = 0; i < 3; ++i) waiters.go([&] { work.wait(); });
    watch.await(3);
    work.done();
    waiters.wait();
  });
}

TEST(WaitGroup, MayBeDestroyedAsSoonAsWaitHasReturned) {
  run([] {
    for (int i = 0; i < 3000; ++i) {
      auto group = std::make_unique<WaitGroup>();
      WaitGroup* raw = group.get();
      raw->add(2);
      go([raw] { raw->done(); });
      go([raw] { raw->done(); });
      raw->wait();
      group.reset();
    }
  });
}

TEST(WaitGroup, PanicsWhenNegative) {
  EXPECT_EQ(panic_of([] {
              WaitGroup group;
              group.add(1);
              group.done();
              group.done();
            }),
            "sync: negative WaitGroup counter");
}

TEST(WaitGroup, GoCountsGoexitAsDone) {
  run([] {
    WaitGroup group;
    group.go([] { goexit(); });
    group.wait();
  });
}

TEST(WaitGroup, GoDestroysTheFunctionBeforeItCountsItDone) {
  run([] {
    std::vector<int> events;
    struct Tracker {
      std::vector<int>* events;
      explicit Tracker(std::vector<int>* to) : events(to) {}
      Tracker(Tracker&& other) noexcept : events(std::exchange(other.events, nullptr)) {}
      ~Tracker() {
        if (events != nullptr) events->push_back(1);
      }
    };
    WaitGroup group;
    group.go([tracker = Tracker(&events)] {});
    group.wait();
    EXPECT_EQ(events, std::vector<int>{1});
  });
}

TEST(Once, RunsOnceAndOthersWaitForIt) {
  run([] {
    Once once;
    Mutex gate;
    int calls = 0;
    bool finished = false;
    gate.lock();
    const ParkWatch watch(WaitReason::kOnce);
    const ParkWatch gate_watch(WaitReason::kMutexLock);
    WaitGroup all;
    all.go([&] {
      once.call([&] {
        const std::lock_guard guard(gate);
        ++calls;
        finished = true;
      });
    });
    gate_watch.await(1);
    for (int i = 0; i < 3; ++i) {
      all.go([&] {
        once.call([&] { ++calls; });
        EXPECT_TRUE(finished);
      });
    }
    watch.await(3);
    gate.unlock();
    all.wait();
    EXPECT_EQ(calls, 1);
  });
}

TEST(Once, AnExceptionCountsAsDone) {
  Once once;
  EXPECT_THROW(once.call([] { throw std::runtime_error("boom"); }), std::runtime_error);
  bool again = false;
  once.call([&] { again = true; });
  EXPECT_FALSE(again);
}

TEST(Once, GoexitCountsAsDone) {
  run([] {
    Once once;
    WaitGroup group;
    group.go([&] { once.call([] { goexit(); }); });
    group.wait();
    once.call([] { FAIL() << "called twice"; });
  });
}

TEST(OnceValue, ReturnsTheSameEachTime) {
  int calls = 0;
  const auto get = once_value([&] { return std::string("value") + std::to_string(++calls); });
  const auto copy = get;
  EXPECT_EQ(get(), "value1");
  EXPECT_EQ(copy(), "value1");
  EXPECT_EQ(&get(), &copy());
}

TEST(OnceValue, ThrowsTheSameEachTime) {
  int calls = 0;
  const auto get = once_value([&]() -> int { throw std::runtime_error("boom" + std::to_string(++calls)); });
  for (int i = 0; i < 2; ++i) {
    try {
      get();
      FAIL();
    } catch (const std::runtime_error& error) {
      EXPECT_STREQ(error.what(), "boom1");
    }
  }
}

TEST(OnceValue, TakesAFunctionThatReturnsNothing) {
  int calls = 0;
  const auto call = once_value([&] { ++calls; });
  call();
  call();
  EXPECT_EQ(calls, 1);
}

template <class Lock, class Guard>
void signal_wakes_in_order(Lock& lock, Cond& cond) {
  std::string order;
  Mutex order_lock;
  WaitGroup all;
  const ParkWatch watch(WaitReason::kCondWait);
  for (char c = 'a'; c < 'e'; ++c) {
    all.go([&, c] {
      Guard guard(lock);
      cond.wait();
      const std::lock_guard order_guard(order_lock);
      order += c;
    });
    watch.await(c - 'a' + 1);
  }
  for (std::size_t woken = 1; woken <= 4; ++woken) {
    cond.signal();
    for (;;) {
      const std::lock_guard order_guard(order_lock);
      if (order.size() == woken) break;
      yield();
    }
  }
  all.wait();
  EXPECT_EQ(order, "abcd");
}

TEST(Cond, SignalWakesInTheOrderOfWaiting) {
  run([] {
    Mutex mutex;
    Cond cond(mutex);
    signal_wakes_in_order<Mutex, std::unique_lock<Mutex>>(mutex, cond);
  });
}

TEST(Cond, TakesARwMutexAndItsReadingSide) {
  run([] {
    RwMutex mutex;
    Cond writers(mutex);
    signal_wakes_in_order<RwMutex, std::unique_lock<RwMutex>>(mutex, writers);
    Cond readers(mutex.r_locker());
    signal_wakes_in_order<RwMutex, std::shared_lock<RwMutex>>(mutex, readers);
  });
}

TEST(Cond, BroadcastWakesAllThatWaitAndNobodyLater) {
  run([] {
    Mutex mutex;
    Cond cond(mutex);
    cond.signal();  // Nobody waits: nothing is remembered.
    cond.broadcast();
    bool go_on = false;
    WaitGroup all;
    const ParkWatch watch(WaitReason::kCondWait);
    for (int i = 0; i < 5; ++i) {
      all.go([&] {
        const std::lock_guard guard(mutex);
        cond.wait([&] { return go_on; });
      });
    }
    watch.await(5);
    {
      const std::lock_guard guard(mutex);
      go_on = true;
      cond.broadcast();
    }
    all.wait();
  });
}

TEST(Cond, LosesNoSignalSentRightAfterTheUnlock) {
  Mutex mutex;
  Cond cond(mutex);
  int turn = 0;
  constexpr int kRounds = 3000;
  const auto play = [&](int self) {
    for (int i = 0; i < kRounds; ++i) {
      const std::lock_guard guard(mutex);
      while (turn != self) cond.wait();
      turn = 1 - self;
      cond.signal();
    }
  };
  std::thread other([&] { play(1); });
  run([&] { play(0); });
  other.join();
  EXPECT_EQ(turn, 0);
}

}  // namespace
}  // namespace csp
