// double_lock.cpp with the locking left to the public functions: what they share is a private function
// that expects the lock to be held.

#include <csp/csp.h>

#include <cstdio>
#include <mutex>

class Thermometer {
 public:
  void set(int degrees) {
    std::lock_guard lock(mutex_);
    degrees_ = degrees;
    show_locked();
  }

  void show() {
    std::lock_guard lock(mutex_);
    show_locked();
  }

 private:
  void show_locked() const { std::printf("%d degrees\n", degrees_); }

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
