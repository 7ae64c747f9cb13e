// leaky_lookup.cpp with a buffer of one: the answer always has a place to go, whether somebody is still
// waiting for it or not, and the channel goes away with its last handle.

#include <csp/csp.h>

#include <chrono>
#include <cstdio>
#include <optional>

using namespace std::chrono_literals;

// `server` is closed when the server is able to answer.
std::optional<int> lookup(csp::RecvChan<csp::Unit> server, std::chrono::milliseconds patience) {
  auto answer = csp::make_chan<int>(1);
  csp::go([=] {
    server.recv();
    answer.send(42);
  });

  int value = 0;
  if (csp::select(csp::recv(answer, value), csp::recv(csp::after(patience))) == 1) return std::nullopt;
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
