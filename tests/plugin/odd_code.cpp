// expected-no-diagnostics
// Code that is legal and rarely seen. The checks must neither crash on it nor say anything of it.
#include <csp/csp.h>

#include <coroutine>
#include <functional>
#include <initializer_list>
#include <memory>
#include <tuple>
#include <variant>
#include <vector>

// References and initialisers that lead nowhere, or round in a circle.
int& circle = circle;
extern csp::Chan<int>& unknown_reference;
void through_unknown_reference() { unknown_reference.close(); }
void self() {
  csp::Chan<int> ch = ch;
  ch.close();
}

// Temporaries, containers, results of calls: no places.
csp::Chan<int> make();
csp::Chan<int>& get(int);
void no_places(std::vector<csp::Chan<int>> v, csp::Chan<int> (&array)[2], std::tuple<csp::Chan<int>, csp::Chan<int>> t) {
  make().close();
  make().close();
  get(0).close();
  get(1).close();
  v[0].close();
  v[1].close();
  v.front().close();
  array[0].close();
  array[1].close();
  std::get<0>(t).close();
  std::get<1>(t).close();
  auto [a, b] = t;
  a.close();
  b.close();
  (v.empty() ? array[0] : array[1]).close();
  csp::make_chan<int>().close();
}

// Unions, bases, bit-fields, nested and anonymous records, pointers to members.
struct Base {
  csp::Chan<int> ch;
  virtual void stop() { ch.close(); }
  virtual ~Base() = default;
};
struct Derived : Base {
  using Base::Base;
  void stop() override {}
  struct {
    csp::Chan<int> inner;
    unsigned bit : 1;
  } part;
};
void virtual_stop(Base& base, Derived& derived) {
  base.stop();
  base.stop();
  derived.part.inner.close();
  csp::Chan<int> Base::*member = &Base::ch;
  (base.*member).close();
  (derived.*member).close();
  void (Base::*method)() = &Base::stop;
  (base.*method)();
}

// Recursion, direct and mutual; lambdas in lambdas; lambdas in default arguments and initialisers.
void down(csp::Chan<int> ch, int n) {
  if (n == 0) {
    ch.close();
    return;
  }
  down(ch, n - 1);
}
void pong(csp::Chan<int> ch, int n);
void ping(csp::Chan<int> ch, int n) {
  if (n > 0) pong(ch, n - 1);
}
void pong(csp::Chan<int> ch, int n) {
  ch.send(n);
  ping(ch, n);
}
void with_default(std::function<void()> f = [ch = csp::make_chan<int>()] { ch.close(); });
struct Member {
  csp::Chan<int> ch = csp::make_chan<int>();
  std::function<void()> f = [this] {
    [this] {
      auto inner = [*this] { ch.close(); };
      inner();
    }();
  };
};

// Templates that are never instantiated, packs, generic lambdas, concepts, constexpr if.
template <class T>
concept Closes = requires(T t) { t.close(); };
template <Closes T>
void dependent(T t) {
  t.close();
  t.close();
  [&](auto... more) { (more.close(), ...); }(t, t);
}
template <class... Chans>
void close_all(Chans... chans) {
  (chans.close(), ...);
}
void packs(csp::Chan<int> a, csp::Chan<long> b) {
  close_all(a, b);
  [](auto... chans) { (chans.close(), ...); }(csp::make_chan<int>(), b.cap() > 0 ? csp::make_chan<int>() : nullptr);
}

// Odd control flow.
void odd_flow(csp::Chan<int> ch, int n) {
  switch (n) {
    while (n > 0) {
      case 1: --n;
      default: break;
    }
  }
  goto end;
  ch.close();
end:
  try {
    throw n;
  } catch (int) {
    ch.close();
  }
  do {
  } while (false);
  for (;;) {
    if (n++ > 3) break;
  }
  [[maybe_unused]] auto size = sizeof(ch.recv());
  static_assert(noexcept(n));
  ({ n = n + 1; });
}
void function_try(csp::Chan<int> ch) try { ch.send(1); } catch (...) {
  ch.close();
}
void unreachable_end() {
  auto ch = csp::make_chan<int>();
  while (true) ch.send(1);
}
struct Raii {
  csp::Chan<int> ch;
  explicit Raii(csp::Chan<int> c) try : ch(c) {} catch (...) {}
  ~Raii() { ch.close(); }
  Raii(const Raii&) = delete;
};
void guarded() {
  Raii one(csp::make_chan<int>());
  Raii two(csp::make_chan<int>());
  auto many = std::make_unique<Raii>(csp::make_chan<int>());
}

// Coroutines.
struct Task {
  struct promise_type {
    Task get_return_object() { return {}; }
    std::suspend_never initial_suspend() { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() {}
  };
};
Task coroutine(csp::Chan<int> ch) {
  co_await std::suspend_always{};
  ch.close();
}

// Assembly, variadic functions, bodies without names.
void variadic(...);
void rest(csp::Chan<int> ch, int) {
  asm volatile("");
  variadic(1, 2);
  std::variant<int, csp::Chan<int>> either = ch;
  std::get<1>(either).close();
  [](csp::Chan<int>) {}(ch);
}
extern "C" {
void in_c(int* p) { *p = 1; }
}
namespace {
inline namespace versioned {
void hidden(csp::SendChan<int> out) { out.send(1); }
}  // namespace versioned
}  // namespace
void call_hidden() { hidden(csp::make_chan<int>(1)); }
