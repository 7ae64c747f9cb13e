// Opposite orders that did not meet this time.
// finds: csp-lock-order

#include <csp/csp.h>

#include <mutex>

int main() {
  return csp::run([] {
    csp::Mutex a;
    csp::Mutex b;
    csp::WaitGroup one;
    one.go([&] {
      std::lock_guard first(a);
      std::lock_guard second(b);
    });
    one.wait();
    one.go([&] {
      std::lock_guard first(b);
      std::lock_guard second(a);
    });
    one.wait();
  });
}
