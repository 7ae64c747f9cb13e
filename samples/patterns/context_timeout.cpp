// A context carries a deadline down a call tree. Whoever blocks also watches `ctx.done()`, and returns
// `ctx.err()` when it is closed, so that nobody waits longer than the caller at the top wanted.

#include <csp/csp.h>

#include <chrono>
#include <cstdio>
#include <system_error>

using namespace std::chrono_literals;

std::error_code fetch(const csp::Context& ctx, csp::RecvChan<int> server) {
  int answer = 0;
  if (csp::select(csp::recv(server, answer), csp::recv(ctx.done())) == 1) return ctx.err();
  std::printf("answer: %d\n", answer);
  return {};
}

int main() {
  return csp::run([] {
    auto quick = csp::make_chan<int>(1);
    quick.send(42);
    auto silent = csp::make_chan<int>();

    auto [ctx, cancel] = csp::with_timeout(csp::background(), 20ms);
    auto d = csp::defer(cancel);
    if (std::error_code e = fetch(ctx, silent)) std::printf("silent server: %s\n", e.message().c_str());

    auto [patient, cancel_patient] = csp::with_timeout(csp::background(), 1h);
    auto p = csp::defer(cancel_patient);
    if (std::error_code e = fetch(patient, quick)) std::printf("quick server: %s\n", e.message().c_str());

    std::printf("deadline exceeded: %s\n", ctx.err() == csp::Errc::kDeadlineExceeded ? "yes" : "no");
    std::printf("patient still fine: %s\n", patient.err() ? "no" : "yes");
  });
}
