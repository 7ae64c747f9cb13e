// One goroutine for each task, but never more than three at work at a time: a semaphore counts the
// places. A buffered channel of capacity three does the same, `send` to enter and `recv` to leave.

#include <csp/csp.h>

#include <algorithm>
#include <cstdio>
#include <mutex>

class Gauge {
 public:
  void enter() {
    std::lock_guard lock(mutex_);
    highest_ = std::max(highest_, ++inside_);
  }
  void leave() {
    std::lock_guard lock(mutex_);
    --inside_;
  }
  int highest() {
    std::lock_guard lock(mutex_);
    return highest_;
  }

 private:
  csp::Mutex mutex_;
  int inside_ = 0;
  int highest_ = 0;
};

int main() {
  return csp::run([] {
    Gauge with_semaphore;
    csp::Semaphore places(3);
    csp::WaitGroup tasks;
    for (int i = 0; i < 20; ++i) {
      tasks.go([&] {
        places.acquire();
        with_semaphore.enter();
        csp::yield();  // The work.
        with_semaphore.leave();
        places.release();
      });
    }
    tasks.wait();

    Gauge with_channel;
    auto tokens = csp::make_chan<csp::Unit>(3);
    for (int i = 0; i < 20; ++i) {
      tasks.go([&, tokens] {
        tokens.send({});
        with_channel.enter();
        csp::yield();
        with_channel.leave();
        tokens.recv();
      });
    }
    tasks.wait();

    std::printf("semaphore: at most 3 at a time: %s\n", with_semaphore.highest() <= 3 ? "yes" : "no");
    std::printf("channel:   at most 3 at a time: %s\n", with_channel.highest() <= 3 ? "yes" : "no");
  });
}
