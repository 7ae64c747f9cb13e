// Two goroutines say something at the same time. `csp::go` starts a goroutine and returns at once; when
// the main goroutine returns the program is over, so main waits for the other one on a channel. How the
// lines interleave is up to the scheduler.

#include <csp/csp.h>

#include <cstdio>

void say(const char* word) {
  for (int i = 0; i < 3; ++i) {
    csp::yield();
    std::printf("%s\n", word);
  }
}

int main() {
  return csp::run([] {
    auto done = csp::make_chan<csp::Unit>();
    csp::go([=] {
      say("world");
      done.close();
    });
    say("hello");
    done.recv();
  });
}
