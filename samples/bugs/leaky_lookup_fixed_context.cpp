// leaky_lookup.cpp with a context: when the caller gives up, the goroutine is told, and whatever it is
// blocked in it gives up too. Better than a buffer where the work itself is worth stopping.

#include <csp/csp.h>

#include <chrono>
#include <cstdio>
#include <optional>

using namespace std::chrono_literals;

// `server` is closed when the server is able to answer.
std::optional<int> lookup(csp::RecvChan<csp::Unit> server, std::chrono::milliseconds patience) {
  auto [ctx, cancel] = csp::with_timeout(csp::background(), patience);
  auto d = csp::defer(cancel);
  auto answer = csp::make_chan<int>();
  csp::go([=, given_up = ctx.done()] {
    if (csp::select(csp::recv(server), csp::recv(given_up)) == 1) return;
    csp::select(csp::send(answer, 42), csp::recv(given_up));
  });

  int value = 0;
  if (csp::select(csp::recv(answer, value), csp::recv(ctx.done())) == 1) return std::nullopt;
  return value;
}

int main() {
  return csp::run([] {
    auto server = csp::make_chan<csp::Unit>();
    const std::optional<int> first = lookup(server, 5ms);
    server.close();
    const std::optional<int> second = lookup(server, 1h);
    std::printf("first %s, second %s\n", first ? "answered" : "gave up", second ? "answered" : "gave up");
    std::printf("leaked goroutines: %zu\n", csp::leak::find().size());
  });
}
