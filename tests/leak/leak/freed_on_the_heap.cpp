// The vector that had the channel is gone. What is left of it in free memory is no reference.
// finds: csp-goroutine-leak [chan receive]
// needs: detector

#include <vector>

#include "../blocked.h"

int main() {
  return csp::run([] {
    auto* gone = new std::vector<csp::Chan<int>>{csp::make_chan<int>()};
    csp::go([numbers = gone->front()] { numbers.recv(); });
    delete gone;
    wait_until_blocked(1);
  });
}
