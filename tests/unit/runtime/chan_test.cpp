// Channels do what Go's do.

#include <csp/csp.h>
#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <unordered_set>
#include <utility>
#include <vector>

namespace {

/// The message of the panic that `f` ends in; "" when it ends well.
template <class F>
std::string panic_of(F f) {
  try {
    f();
  } catch (const csp::PanicError& error) {
    return error.what();
  }
  return "";
}

/// Runs other goroutines until `count` of them besides the caller are blocked for sure: nothing else can run.
void let_block() {
  for (int i = 0; i < 3; ++i) {
    auto done = csp::make_chan<csp::Unit>();
    csp::go([done] { done.close(); });
    done.recv();
    csp::yield();
  }
}

TEST(Chan, UnbufferedHandsOverInOrder) {
  csp::run([] {
    auto numbers = csp::make_chan<int>();
    csp::go([numbers] {
      for (int i = 0; i < 1000; ++i) numbers.send(i);
      numbers.close();
    });
    int next = 0;
    for (int& n : numbers) ASSERT_EQ(n, next++);
    EXPECT_EQ(next, 1000);
  });
}

TEST(Chan, BufferedHoldsItsCapacity) {
  auto ch = csp::make_chan<int>(2);
  EXPECT_EQ(ch.cap(), 2U);
  EXPECT_TRUE(ch.try_send(1));
  EXPECT_TRUE(ch.try_send(2));
  EXPECT_FALSE(ch.try_send(3));
  EXPECT_EQ(ch.len(), 2U);
  EXPECT_EQ(ch.try_recv(), 1);
  EXPECT_EQ(ch.recv(), 2);
  EXPECT_EQ(ch.try_recv(), std::nullopt);
}

TEST(Chan, ClosedDrainsThenGivesZeroValues) {
  auto ch = csp::make_chan<int>(3);
  ch.send(1), ch.send(2);
  ch.close();
  EXPECT_EQ(ch.receive(), 1);
  EXPECT_EQ(ch.recv(), 2);
  EXPECT_EQ(ch.recv(), 0);
  EXPECT_EQ(ch.receive(), std::nullopt);
  EXPECT_EQ(ch.try_recv(), std::nullopt);
}

TEST(Chan, PanicsInGosWords) {
  auto closed = csp::make_chan<int>(1);
  closed.close();
  EXPECT_EQ(panic_of([&] { closed.send(1); }), "send on closed channel");
  EXPECT_EQ(panic_of([&] { (void)closed.try_send(1); }), "send on closed channel");
  EXPECT_EQ(panic_of([&] { csp::select(csp::send(closed, 1)); }), "send on closed channel");
  EXPECT_EQ(panic_of([&] { closed.close(); }), "close of closed channel");
  EXPECT_EQ(panic_of([] { csp::Chan<int>().close(); }), "close of nil channel");
}

TEST(Chan, CloseWakesParkedSendersWithAPanicAndReceiversWithNothing) {
  csp::run([] {
    auto in = csp::make_chan<int>();
    auto out = csp::make_chan<int>();
    auto results = csp::make_chan<std::string>();
    for (int i = 0; i < 3; ++i) {
      csp::go([=] { results.send(panic_of([&] { in.send(1); })); });
      csp::go([=] { results.send(out.receive() ? "value" : "closed"); });
    }
    let_block();
    in.close(), out.close();
    int panics = 0;
    int closed = 0;
    for (int i = 0; i < 6; ++i) {
      const std::string result = results.recv();
      panics += result == "send on closed channel";
      closed += result == "closed";
    }
    EXPECT_EQ(panics, 3);
    EXPECT_EQ(closed, 3);
  });
}

TEST(Chan, NilIsNeverReady) {
  const csp::Chan<int> nil = nullptr;
  EXPECT_FALSE(nil);
  EXPECT_TRUE(nil == nullptr);
  EXPECT_FALSE(nil.try_send(1));
  EXPECT_EQ(nil.try_recv(), std::nullopt);
  EXPECT_EQ(nil.len(), 0U);
  EXPECT_EQ(nil.cap(), 0U);
}

TEST(Chan, HandlesCompareAndHashByIdentity) {
  auto a = csp::make_chan<int>();
  auto b = csp::make_chan<int>();
  const csp::Chan<int> same = a;
  EXPECT_TRUE(a == same);
  EXPECT_FALSE(a == b);
  const csp::RecvChan<int> out = a;
  const csp::SendChan<int> in = a;
  EXPECT_TRUE(out == csp::RecvChan<int>(same));
  EXPECT_TRUE(in != csp::SendChan<int>(b));
  const std::unordered_set<csp::Chan<int>> set{a, b, same};
  EXPECT_EQ(set.size(), 2U);
}

template <class C>
concept Closes = requires(C channel) { channel.close(); };
template <class C>
concept Sends = requires(C channel) { channel.send(1); };
template <class C>
concept Receives = requires(C channel) { channel.recv(); };

TEST(Chan, DirectionsConvertOneWay) {
  using Both = csp::Chan<int>;
  using In = csp::SendChan<int>;
  using Out = csp::RecvChan<int>;
  static_assert(std::is_convertible_v<Both, In> && std::is_convertible_v<Both, Out>);
  static_assert(!std::is_convertible_v<In, Both> && !std::is_convertible_v<Out, Both>);
  static_assert(!std::is_constructible_v<In, Out> && !std::is_constructible_v<Out, In>);
  static_assert(Closes<Both> && Closes<In> && !Closes<Out>);
  static_assert(Sends<Both> && Sends<In> && !Sends<Out>);
  static_assert(Receives<Both> && !Receives<In> && Receives<Out>);
}

TEST(Chan, MoveOnlyElementsPass) {
  csp::run([] {
    auto ch = csp::make_chan<std::unique_ptr<int>>();
    csp::go([ch] {
      ch.send(std::make_unique<int>(1));
      ch.send(std::make_unique<int>(2));
      ch.close();
    });
    EXPECT_EQ(*ch.recv(), 1);
    EXPECT_EQ(**ch.receive(), 2);
    EXPECT_EQ(ch.recv(), nullptr);
  });
}

TEST(Chan, ARvalueIsMovedFromOnlyIfItWasSent) {
  auto ch = csp::make_chan<std::unique_ptr<int>>(1);
  auto first = std::make_unique<int>(1);
  auto second = std::make_unique<int>(2);
  EXPECT_TRUE(ch.try_send(std::move(first)));
  EXPECT_FALSE(ch.try_send(std::move(second)));
  EXPECT_EQ(first, nullptr);
  ASSERT_NE(second, nullptr);
  csp::select(csp::send(ch, std::move(second)), csp::otherwise());
  ASSERT_NE(second, nullptr);
  ch.close();
  EXPECT_EQ(panic_of([&] { ch.send(std::move(second)); }), "send on closed channel");
  EXPECT_NE(second, nullptr);
}

struct NoDefault {
  explicit NoDefault(int n) : value(n) {}
  int value;
};

TEST(Chan, ReceiveNeedsNoDefaultConstructor) {
  auto ch = csp::make_chan<NoDefault>(1);
  ch.send(NoDefault(4));
  EXPECT_EQ(ch.receive()->value, 4);
}

struct alignas(256) Wide {
  char byte = 0;
};

TEST(Chan, AlignmentIsKept) {
  auto ch = csp::make_chan<Wide>(3);
  for (int i = 0; i < 3; ++i) ch.send(Wide{static_cast<char>(i)});
  for (int i = 0; i < 3; ++i) {
    std::optional<Wide> wide = ch.receive();
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(&*wide) % alignof(Wide), 0U);
    EXPECT_EQ(wide->byte, i);
  }
}

/// Counts its living copies, and throws when told to.
struct Fragile {
  static inline int living = 0;
  static inline bool copies_throw = false;
  static inline bool moves_throw = false;

  explicit Fragile(int n) : value(n) { ++living; }
  Fragile(const Fragile& other) : value(other.value) {
    if (copies_throw) throw std::runtime_error("copy");
    ++living;
  }
  Fragile(Fragile&& other) : value(other.value) {
    if (moves_throw) throw std::runtime_error("move");
    ++living;
  }
  ~Fragile() { --living; }
  int value;
};

TEST(Chan, AThrowingCopyReachesTheSenderAndLeavesTheChannelAsItWas) {
  csp::run([] {
    auto ch = csp::make_chan<Fragile>(1);
    const Fragile value(1);
    Fragile::copies_throw = true;
    EXPECT_THROW(ch.send(value), std::runtime_error);
    EXPECT_THROW((void)ch.try_send(value), std::runtime_error);
    Fragile::copies_throw = false;
    EXPECT_EQ(ch.len(), 0U);

    Fragile::moves_throw = true;
    EXPECT_THROW(ch.send(Fragile(2)), std::runtime_error);
    Fragile::moves_throw = false;
    EXPECT_EQ(ch.len(), 0U);
    ch.send(value);
    EXPECT_EQ(ch.receive()->value, 1);
  });
  EXPECT_EQ(Fragile::living, 0);
}

TEST(Chan, AThrowingMoveLeavesTheParkedReceiverWaiting) {
  csp::run([] {
    auto ch = csp::make_chan<Fragile>();
    auto got = csp::make_chan<int>();
    csp::go([=] { got.send(ch.receive()->value); });
    let_block();
    Fragile::moves_throw = true;
    EXPECT_THROW((void)ch.try_send(Fragile(1)), std::runtime_error);
    Fragile::moves_throw = false;
    ch.send(Fragile(2));
    EXPECT_EQ(got.recv(), 2);
    while (csp::num_goroutines() > 1) csp::yield();
  });
  EXPECT_EQ(Fragile::living, 0);
}

TEST(Chan, TheLastHandleDestroysWhatIsInTheBuffer) {
  {
    auto ch = csp::make_chan<Fragile>(4);
    ch.send(Fragile(1)), ch.send(Fragile(2)), ch.send(Fragile(3));
    ch.receive();
    EXPECT_EQ(Fragile::living, 2);
  }
  EXPECT_EQ(Fragile::living, 0);
}

TEST(Chan, WaitersAreServedInOrder) {
  csp::run([] {
    auto ch = csp::make_chan<int>();
    auto order = csp::make_chan<std::pair<int, int>>(16);
    for (int i = 0; i < 4; ++i) {
      csp::go([=] { order.send({i, ch.recv()}); });
      let_block();
    }
    for (int i = 0; i < 4; ++i) ch.send(i);
    for (int i = 0; i < 4; ++i) {
      const auto [who, what] = order.recv();
      EXPECT_EQ(who, what);
    }
  });
}

TEST(Chan, AParkedSendersValueGoesToTheEndOfTheBuffer) {
  csp::run([] {
    auto ch = csp::make_chan<std::string>(2);
    ch.send("1"), ch.send("2");
    csp::go([ch] { ch.send("3"), ch.send("4"), ch.close(); });
    let_block();
    std::string all;
    for (const std::string& s : ch) all += s;
    EXPECT_EQ(all, "1234");
  });
}

TEST(Chan, NothingIsLostOrDoubledAmongMany) {
  csp::run([] {
    constexpr int kSenders = 8;
    constexpr int kEach = 5000;
    for (const std::size_t capacity : {0U, 1U, 7U}) {
      auto ch = csp::make_chan<int>(capacity);
      auto sums = csp::make_chan<long>();
      csp::WaitGroup senders;
      for (int i = 0; i < kSenders; ++i) {
        senders.go([ch] {
          for (int n = 1; n <= kEach; ++n) ch.send(n);
        });
      }
      for (int i = 0; i < 4; ++i) {
        csp::go([=] {
          long sum = 0;
          for (int n : ch) sum += n;
          sums.send(sum);
        });
      }
      std::thread outside([=] {
        long sum = 0;
        for (int n : ch) sum += n;
        sums.send(sum);
      });
      senders.wait();
      ch.close();
      long total = 0;
      for (int i = 0; i < 5; ++i) total += sums.recv();
      EXPECT_EQ(total, long{kSenders} * kEach * (kEach + 1) / 2);
      csp::blocking([&] { outside.join(); });
    }
  });
}

}  // namespace
