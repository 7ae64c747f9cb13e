// A queue for one producer and one consumer, whose tail is moved by a relaxed store.
#include <atomic>

#include "support/in_order.h"

using namespace csp::testing;

int slots[4];
std::atomic<unsigned> head;
std::atomic<unsigned> tail;

void produce() {
  const unsigned at = tail.load(std::memory_order_relaxed);
  slots[at % 4] = 1;  // RACE
  tail.store(at + 1, std::memory_order_relaxed);
}

void consume() {
  const unsigned at = head.load(std::memory_order_relaxed);
  if (tail.load(std::memory_order_acquire) == at) return;
  use(slots[at % 4]);  // RACE
  head.store(at + 1, std::memory_order_release);
}

int main() { in_order(produce, consume); }
