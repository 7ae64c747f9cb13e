// One order.
// finds: nothing

#include <csp/csp.h>

#include <mutex>

int main() {
  return csp::run([] {
    csp::Mutex a;
    csp::Mutex b;
    csp::WaitGroup one;
    for (int i = 0; i < 2; ++i) {
      one.go([&] {
        std::lock_guard first(a);
        std::lock_guard second(b);
      });
      one.wait();
    }
  });
}
