// The workers wait for a close that never comes: main has forgotten the channel.
// finds: csp-goroutine-leak [chan receive] x3

#include "../blocked.h"

void work() {
  auto jobs = csp::make_chan<int>();
  for (int i = 0; i < 3; ++i) {
    csp::go([jobs] {
      for ([[maybe_unused]] const int job : jobs) {
      }
    });
  }
  jobs.send(1);
}

int main() {
  return csp::run([] {
    work();
    wait_until_blocked(3);
  });
}
