// A select with a timeout: `csp::after` is a channel that delivers once, later. The first question is
// answered at once, the second never, so the patience of the one who asks decides.

#include <csp/csp.h>

#include <chrono>
#include <cstdio>

using namespace std::chrono_literals;

void ask(const char* question, csp::RecvChan<int> answer, std::chrono::milliseconds patience) {
  csp::select(csp::recv(answer, [&](int value) { std::printf("%s: %d\n", question, value); }),
              csp::recv(csp::after(patience), [&] { std::printf("%s: timed out\n", question); }));
}

int main() {
  return csp::run([] {
    auto answered = csp::make_chan<int>(1);
    answered.send(42);
    ask("six times nine", answered, 1h);

    auto unanswered = csp::make_chan<int>();
    ask("why", unanswered, 5ms);
  });
}
