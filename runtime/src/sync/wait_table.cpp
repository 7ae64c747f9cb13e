#include "sync/wait_table.h"

#include "base/private_data.h"

namespace csp::rt {
namespace {

constexpr unsigned kBucketBits = 9;
CSP_PRIVATE_DATA constinit WaitBucket table[std::size_t{1} << kBucketBits];

}  // namespace

WaitBucket& bucket_of(const void* address) {
  // Fibonacci hashing: neighbouring addresses go to different buckets.
  const auto key = reinterpret_cast<std::uintptr_t>(address) >> 3;
  return table[(key * 0x9E3779B97F4A7C15u) >> (64 - kBucketBits)];
}

LineWaiter* WaitBucket::front(const void* address) const {
  for (LineWaiter* line = lines_; line != nullptr; line = line->next_line) {
    if (line->address == address) return line;
  }
  return nullptr;
}

LineWaiter** WaitBucket::find(const void* address) {
  LineWaiter** place = &lines_;
  while (*place != nullptr && (*place)->address != address) place = &(*place)->next_line;
  return place;
}

void WaitBucket::push_back(LineWaiter& waiter) {
  waiter.next = nullptr;
  if (LineWaiter* line = front(waiter.address); line != nullptr) {
    line->last->next = &waiter;
    line->last = &waiter;
    return;
  }
  waiter.last = &waiter;
  waiter.next_line = lines_;
  lines_ = &waiter;
}

void WaitBucket::push_front(LineWaiter& waiter) {
  LineWaiter** place = find(waiter.address);
  LineWaiter* line = *place;
  if (line == nullptr) {
    push_back(waiter);
    return;
  }
  waiter.next = line;
  waiter.last = line->last;
  waiter.next_line = line->next_line;
  *place = &waiter;
}

LineWaiter* WaitBucket::pop_front(const void* address) {
  LineWaiter** place = find(address);
  LineWaiter* line = *place;
  if (line == nullptr) return nullptr;
  if (LineWaiter* heir = line->next; heir != nullptr) {
    heir->last = line->last;
    heir->next_line = line->next_line;
    *place = heir;
  } else {
    *place = line->next_line;
  }
  line->next = nullptr;
  return line;
}

LineWaiter* WaitBucket::pop_all(const void* address) {
  LineWaiter** place = find(address);
  LineWaiter* line = *place;
  if (line != nullptr) *place = line->next_line;
  return line;
}

void WaitBucket::remove(LineWaiter& waiter) {
  LineWaiter* line = front(waiter.address);
  if (line == &waiter) {
    pop_front(waiter.address);
    return;
  }
  LineWaiter* before = line;
  while (before->next != &waiter) before = before->next;
  before->next = waiter.next;
  if (line->last == &waiter) line->last = before;  // (2)
  waiter.next = nullptr;
}

void ready_all(LineWaiter* chain) {
  while (chain != nullptr) {
    // Read first: the frame that holds the waiter goes on once it is ready.
    LineWaiter* next = chain->next;
    ready(*chain->strand);
    chain = next;
  }
}

}  // namespace csp::rt
