// Both at once, in an order that std::scoped_lock takes care of.
// finds: nothing

#include <mutex>

#include "../blocked.h"

csp::Mutex a;
csp::Mutex b;

int main() {
  return csp::run([] {
    csp::WaitGroup both;
    both.go([] { std::scoped_lock locks(a, b); });
    both.go([] { std::scoped_lock locks(b, a); });
    both.wait();
  });
}
