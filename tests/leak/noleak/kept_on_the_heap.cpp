// A vector on the heap still has the channel, and a global has the vector.
// finds: nothing

#include <vector>

#include "../blocked.h"

std::vector<csp::Chan<int>>* kept = nullptr;

int main() {
  return csp::run([] {
    kept = new std::vector<csp::Chan<int>>{csp::make_chan<int>()};
    csp::go([numbers = kept->front()] { numbers.recv(); });
    wait_until_blocked(1);
  });
}
