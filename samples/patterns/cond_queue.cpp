// A bounded queue made of a mutex and two condition variables, which is roughly what a buffered channel
// is inside. The loop around `wait` is needed: between the signal and the wake-up somebody else may have
// been quicker.

#include <csp/csp.h>

#include <cstddef>
#include <cstdio>
#include <deque>
#include <mutex>

class Queue {
 public:
  explicit Queue(std::size_t capacity) : capacity_(capacity) {}

  void push(int value) {
    std::lock_guard lock(mutex_);
    while (values_.size() == capacity_) not_full_.wait();
    values_.push_back(value);
    not_empty_.signal();
  }

  int pop() {
    std::lock_guard lock(mutex_);
    while (values_.empty()) not_empty_.wait();
    const int value = values_.front();
    values_.pop_front();
    not_full_.signal();
    return value;
  }

 private:
  const std::size_t capacity_;
  csp::Mutex mutex_;
  csp::Cond not_full_{mutex_};
  csp::Cond not_empty_{mutex_};
  std::deque<int> values_;
};

int main() {
  return csp::run([] {
    Queue queue(2);
    csp::WaitGroup producers;
    for (int producer = 0; producer < 2; ++producer) {
      producers.go([&queue, producer] {
        for (int i = 1; i <= 50; ++i) queue.push(1000 * producer + i);
      });
    }

    int last[2] = {0, 0};
    bool in_order = true;
    for (int i = 0; i < 100; ++i) {
      const int value = queue.pop();
      int& previous = last[value / 1000];
      in_order = in_order && value % 1000 == previous + 1;
      previous = value % 1000;
    }
    producers.wait();
    std::printf("100 values, each producer's in its order: %s\n", in_order ? "yes" : "no");
  });
}
