// A member function locks the mutex and calls another one that locks it again. The mutex is not
// recursive, so the goroutine waits for itself.
// The fix: double_lock_fixed.cpp.

#include <csp/csp.h>

#include <cstdio>
#include <mutex>

class Thermometer {
 public:
  void set(int degrees) {
    std::lock_guard lock(mutex_);
    degrees_ = degrees;
    show();
  }

  void show() {
    std::lock_guard lock(mutex_);  // BUG: csp-double-lock or csp-deadlock
    std::printf("%d degrees\n", degrees_);
  }

 private:
  csp::Mutex mutex_;
  int degrees_ = 0;
};

int main() {
  return csp::run([] {
    Thermometer thermometer;
    thermometer.show();
    thermometer.set(21);
  });
}
