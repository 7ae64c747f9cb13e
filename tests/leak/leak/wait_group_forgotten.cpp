// done() is missing, and whoever could have called it has forgotten the group.
// finds: csp-goroutine-leak [sync.WaitGroup.Wait]
// needs: detector

#include <memory>

#include "../blocked.h"

void start() {
  auto group = std::make_shared<csp::WaitGroup>();
  group->add(1);
  csp::go([group] { group->wait(); });
}

int main() {
  return csp::run([] {
    start();
    wait_until_blocked(1);
  });
}
