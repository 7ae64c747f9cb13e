// Goroutines start, end, yield and die as <csp/go.h> says. Ways to die are tested in a process of their own.

#include <csp/csp.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <exception>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace {

using ::testing::ExitedWithCode;

class GoDeath : public ::testing::Test {
 protected:
  // A forked child has none of the runtime's threads: start the program again instead.
  GoDeath() { GTEST_FLAG_SET(death_test_style, "threadsafe"); }
};

TEST(Go, RunReturnsWhatMainReturns) {
  EXPECT_EQ(csp::run([] { return 7; }), 7);
  EXPECT_EQ(csp::run([] {}), 0);
}

TEST(Go, MainIsGoroutineOneEachTimeAndAThreadIsNone) {
  EXPECT_EQ(csp::goroutine_id(), 0U);
  for (int i = 0; i < 2; ++i) {
    csp::run([] { EXPECT_EQ(csp::goroutine_id(), 1U); });
  }
}

TEST(Go, RunDoesNotWaitForOthersAndTheyGoOn) {
  auto go_on = csp::make_chan<csp::Unit>();
  auto done = csp::make_chan<int>(1);
  csp::run([&] { csp::go([=] { go_on.recv(), done.send(5); }); });
  EXPECT_EQ(done.len(), 0U);
  go_on.close();
  EXPECT_EQ(done.recv(), 5);
}

TEST(Go, RunWorksOnSeveralThreadsAtOnce) {
  std::atomic<int> sum{0};
  std::vector<std::thread> threads;
  for (int i = 1; i <= 4; ++i) {
    threads.emplace_back([&sum, i] { sum += csp::run([i] { return csp::yield(), i; }); });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(sum, 10);
}

TEST(Go, ArgumentsAreCopiedOrMovedIntoTheGoroutine) {
  csp::run([] {
    auto results = csp::make_chan<std::string>();
    std::string text = "copied";
    csp::go([results](std::string given, std::unique_ptr<int> owned) { results.send(given + std::to_string(*owned)); },
            text, std::make_unique<int>(4));
    text = "changed";
    EXPECT_EQ(results.recv(), "copied4");
  });
}

struct Counter {
  std::atomic<int> calls{0};
  void add(int n) { calls += n; }
};

TEST(Go, InvokesMemberFunctions) {
  csp::run([] {
    Counter counter;
    csp::go(&Counter::add, &counter, 3);
    while (counter.calls != 3) csp::yield();
  });
}

TEST(Go, ClosuresOfAnySizeAndAlignmentAreDestroyedOnce) {
  struct alignas(128) Big {
    char bytes[300] = {};
  };
  csp::run([] {
    auto alive = std::make_shared<int>(0);
    csp::WaitGroup done;
    done.add(2);
    csp::go([alive, &done] { done.done(); });
    csp::go([alive, big = Big{}, &done] {
      EXPECT_EQ(reinterpret_cast<std::uintptr_t>(&big) % 128, 0U);
      done.done();
    });
    done.wait();
    while (csp::num_goroutines() > 1) csp::yield();
    EXPECT_EQ(alive.use_count(), 1);
  });
}

TEST(Go, ACopyThatThrowsStartsNothing) {
  struct Throws {
    Throws() = default;
    Throws(const Throws&) { throw std::runtime_error("copy"); }
    void operator()() const {}
  };
  csp::run([] {
    const Throws throws;
    EXPECT_THROW(csp::go(throws), std::runtime_error);
    EXPECT_EQ(csp::num_goroutines(), 1U);
  });
}

TEST(Go, GoexitRunsDestructorsAndPassesHandlers) {
  csp::run([] {
    auto trace = csp::make_chan<std::string>(8);
    csp::go([trace] {
      auto last = csp::defer([trace] { trace.send("last"), trace.close(); });
      try {
        auto first = csp::defer([trace] { trace.send("first"); });
        try {
          csp::goexit();
        } catch (const std::exception&) {
          trace.send("caught as std::exception");
        }
      } catch (...) {
        trace.send("rethrown");
        throw;
      }
      trace.send("went on");
    });
    std::string all;
    for (const std::string& word : trace) all += word + " ";
    EXPECT_EQ(all, "first rethrown last ");
  });
}

TEST(Go, GoexitAndRunPanicWhereTheyMakeNoSense) {
  EXPECT_THROW(csp::goexit(), csp::PanicError);
  csp::run([] { EXPECT_THROW(csp::run([] {}), csp::PanicError); });
}

TEST(Go, DeferredCallsRunLastFirst) {
  std::string order;
  {
    auto one = csp::defer([&] { order += "1"; });
    auto two = csp::defer([&] { order += "2"; });
  }
  EXPECT_EQ(order, "21");
}

TEST(Go, BlockingLetsOthersRunAndReturnsTheResult) {
  csp::run([] {
    std::atomic<bool> other_ran{false};
    csp::go([&] { other_ran = true; });
    const std::string result = csp::blocking([&] {
      while (!other_ran) std::this_thread::yield();
      return std::string("result");
    });
    EXPECT_EQ(result, "result");
    EXPECT_THROW(csp::blocking([] { throw std::runtime_error("inside"); }), std::runtime_error);
  });
  EXPECT_EQ(csp::blocking([] { return 3; }), 3);
}

TEST(Go, AGoroutineThatComputesOnDoesNotStarveOthers) {
  csp::run([] {
    std::atomic<int> ran{0};
    for (int i = 0; i < 10; ++i) csp::go([&] { ++ran; });
    while (ran != 10) {
    }
  });
}

TEST(Go, ExceptionsBeingHandledBelongToTheGoroutine) {
  csp::run([] {
    auto turn = csp::make_chan<int>();
    auto results = csp::make_chan<std::string>();
    for (const char* name : {"a", "b"}) {
      csp::go([=] {
        try {
          throw std::runtime_error(name);
        } catch (const std::exception&) {
          turn.recv();  // The other is in its handler now, maybe on this very thread.
          try {
            throw;
          } catch (const std::exception& again) {
            results.send(std::string(name) + again.what() + std::to_string(std::uncaught_exceptions()));
          }
        }
      });
    }
    turn.send(1), turn.send(1);
    const std::string first = results.recv();
    const std::string second = results.recv();
    EXPECT_EQ(first < second ? first + second : second + first, "aa0bb0");
  });
}

// The address of errno may be cached by the compiler between two uses in one function, so each use is in its own.
[[gnu::noinline]] void set_errno(int value) { errno = value; }
[[gnu::noinline]] int get_errno() { return errno; }

TEST(Go, ErrnoBelongsToTheGoroutine) {
  csp::run([] {
    csp::WaitGroup done;
    for (int i = 1; i <= 50; ++i) {
      done.go([i] {
        set_errno(i);
        for (int round = 0; round < 100; ++round) {
          csp::yield();
          ASSERT_EQ(get_errno(), i);
        }
      });
    }
    done.wait();
  });
}

TEST(Go, AHundredThousandCanBeParked) {
  csp::run([] {
    constexpr int kCount = 100'000;
    auto ready = csp::make_chan<int>(128);
    auto gate = csp::make_chan<csp::Unit>();
    csp::WaitGroup done;
    done.add(kCount);
    for (int i = 0; i < kCount; ++i) {
      csp::go([&, i] {
        ready.send(i);
        gate.recv();
        done.done();
      });
    }
    for (int i = 0; i < kCount; ++i) ready.recv();
    EXPECT_GE(csp::num_goroutines(), static_cast<std::size_t>(kCount));
    gate.close();
    done.wait();
  });
}

[[gnu::noinline]] std::size_t use_stack(std::size_t bytes) {
  volatile char frame[1024];
  frame[0] = 1;
  return bytes <= sizeof(frame) ? 1 : use_stack(bytes - sizeof(frame)) + static_cast<std::size_t>(frame[0]);
}

TEST(Go, StacksAreAsLargeAsPromised) {
  csp::run([] {
    csp::WaitGroup done;
    done.add(2);
    csp::go([&] { use_stack(180 * 1024), done.done(); });
    csp::go({.stack_size = 8 << 20}, [&] { use_stack(6 << 20), done.done(); });
    done.wait();
  });
}

TEST(Go, SetProcsReturnsTheFormerValue) {
  const int before = csp::procs();
  EXPECT_EQ(csp::set_procs(3), before);
  EXPECT_EQ(csp::procs(), 3);
  csp::run([] {
    csp::WaitGroup done;
    for (int i = 0; i < 100; ++i) done.go([] { csp::yield(); });
    csp::set_procs(1);
    done.wait();
  });
  EXPECT_EQ(csp::set_procs(0), 1);
  EXPECT_EQ(csp::set_procs(before), 1);
}

TEST(Go, ThreadsOutsideSendAndReceiveLikeGoroutines) {
  auto requests = csp::make_chan<int>();
  auto answers = csp::make_chan<int>();
  csp::go([=] {
    for (int n : requests) answers.send(2 * n);
    answers.close();
  });
  for (int i = 0; i < 1000; ++i) {
    requests.send(i);
    ASSERT_EQ(answers.recv(), 2 * i);
  }
  requests.close();
  EXPECT_FALSE(answers.receive().has_value());
}

/// What a forked child exits with.
int status_of(pid_t child) {
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(GoFork, TheChildOfAThreadStartsAnew) {
  csp::run([] { csp::go([] { csp::Chan<int>().recv(); }); });
  const pid_t child = fork();
  if (child == 0) {
    const int status = csp::run([] {
      auto numbers = csp::make_chan<int>();
      csp::go([numbers] { numbers.send(5); });
      csp::sleep(std::chrono::milliseconds(1));
      return numbers.recv() + static_cast<int>(csp::num_goroutines());
    });
    std::_Exit(status);
  }
  const int status = status_of(child);
  EXPECT_TRUE(status == 6 || status == 7) << status;
}

TEST(GoFork, TheChildOfAGoroutineHasThatGoroutineAlone) {
  csp::run([] {
    csp::go([] { csp::Chan<int>().recv(); });
    csp::yield();
    const pid_t child = fork();
    if (child == 0) {
      if (csp::num_goroutines() != 1) std::_Exit(1);
      auto numbers = csp::make_chan<int>();
      for (int i = 0; i < 100; ++i) csp::go([=] { numbers.send(1); });
      int sum = 0;
      for (int i = 0; i < 100; ++i) sum += numbers.recv();
      std::_Exit(sum);
    }
    EXPECT_EQ(csp::blocking([=] { return status_of(child); }), 100);
  });
}

/// Under LeakSanitizer a child would be blamed for what only the parent's threads refer to: it skips all that comes
/// after.
void exit_at_once_in_the_end() {
  on_exit([](int status, void*) { std::_Exit(status); }, nullptr);
}

TEST_F(GoDeath, AForkedChildEndsWithItsMain) {
  const auto program = [] {
    csp::run([] {
      const pid_t child = fork();
      if (child != 0) std::_Exit(status_of(child));
      exit_at_once_in_the_end();
      return 5;
    });
  };
  EXPECT_EXIT(program(), ExitedWithCode(5), "");
}

TEST_F(GoDeath, AForkedChildEndsWithItsLastGoroutine) {
  const auto program = [] {
    csp::run([] {
      csp::go([] {
        const pid_t child = fork();
        if (child != 0) std::_Exit(status_of(child) + 3);
        exit_at_once_in_the_end();
      });
      csp::Chan<int>().recv();
      return 0;
    });
  };
  EXPECT_EXIT(program(), ExitedWithCode(3), "");
}

[[noreturn, gnu::noinline]] void throw_it() { throw std::runtime_error("the reason"); }

TEST_F(GoDeath, AnExceptionThatLeavesAGoroutineShowsWhereItWasThrown) {
  struct Loud {
    ~Loud() { std::fputs("unwound", stderr); }
  };
  const auto program = [] {
    csp::run([] {
      csp::go([] {
        Loud loud;
        throw_it();
      });
      csp::Chan<int>().recv();
    });
  };
  EXPECT_EXIT(program(), ExitedWithCode(2),
              "^panic: the reason\n\ngoroutine 2 \\[running\\]:\n.*throw_it\\(\\.\\.\\.\\)\n\t.*go_test\\.cpp:[0-9]+ "
              "\\+0x.*created by .* in goroutine 1\n\t.*go_test\\.cpp:[0-9]+");
}

TEST_F(GoDeath, MainAndTypesThatAreNoExceptionsToo) {
  EXPECT_EXIT(csp::run([] { throw 42; }), ExitedWithCode(2), "^panic: int\n\ngoroutine 1 \\[running\\]:\n");
  EXPECT_EXIT(csp::run([] { csp::panic("words"); }), ExitedWithCode(2), "^panic: words\n\n");
}

TEST_F(GoDeath, AStackOverflowNamesTheGoroutineAndItsCreation) {
  const auto program = [] {
    csp::run([] {
      csp::go([] { use_stack(std::size_t{1} << 30); });
      csp::Chan<int>().recv();
    });
  };
  EXPECT_EXIT(
      program(), ExitedWithCode(2),
      "^fatal error: stack overflow\n\ngoroutine 2 \\[running\\]:\n.*use_stack.*created by .* in goroutine 1\n");
}

TEST_F(GoDeath, ABadCspProcsIsNamed) {
  const auto program = [] {
    setenv("CSP_PROCS", "many", 1);
    csp::run([] {});
  };
  EXPECT_EXIT(program(), ExitedWithCode(2), "fatal error: bad CSP_PROCS: many");
}

TEST_F(GoDeath, TheProcessMayExitWhileGoroutinesRun) {
  const auto program = [] {
    csp::run([] {
      for (int i = 0; i < 100; ++i) {
        csp::go([] {
          for (;;) csp::yield();
        });
      }
    });
    std::exit(4);
  };
  EXPECT_EXIT(program(), ExitedWithCode(4), "");
}

}  // namespace
