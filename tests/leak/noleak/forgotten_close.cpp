// The channel is closed when there are no more jobs.
// finds: nothing

#include "../blocked.h"

int main() {
  return csp::run([] {
    auto jobs = csp::make_chan<int>();
    csp::WaitGroup workers;
    for (int i = 0; i < 3; ++i) {
      workers.go([jobs] {
        for ([[maybe_unused]] const int job : jobs) {
        }
      });
    }
    jobs.send(1);
    jobs.close();
    workers.wait();
  });
}
