#pragma once

#include "core/busy.h"

namespace csp::race {

/// The interceptors' own records, found by address. Thread-safe; a record's contents are its owner's business.
///
/// `Record` has members `Address key` and `Record* next`, and is in at most one table. Two records may
/// have one key for a moment (a pthread_t is recycled before its joiner has come back); the newer one is found.
///
/// All happens while busy, so that nobody holds the lock, or the allocator's, at a fork. A signal handler that
/// interrupts the detector finds nothing here, and can add nothing.
template <class Record>
class AddressTable {
 public:
  /// Null when it cannot be added.
  Record* make_record(Address key) {
    const BusyScope busy;
    if (!busy.entered()) return nullptr;
    auto* record = make<Record>();
    record->key = key;
    Record*& head = buckets_[bucket_of(key)];
    SpinGuard guard(mutex_);
    record->next = head;
    head = record;
    return record;
  }

  Record* find(Address key) {
    const BusyScope busy;
    if (!busy.entered()) return nullptr;
    SpinGuard guard(mutex_);
    Record* record = buckets_[bucket_of(key)];
    while (record != nullptr && record->key != key) record = record->next;
    return record;
  }

  /// Takes it out; the memory is gone when this returns.
  void destroy_record(Record& record) {
    const BusyScope busy;
    if (!busy.entered()) return;
    {
      SpinGuard guard(mutex_);
      Record** link = &buckets_[bucket_of(record.key)];
      while (*link != &record) link = &(*link)->next;
      *link = record.next;
    }
    unmake(&record);
  }

 private:
  static constexpr unsigned kBucketBits = 10;

  static std::size_t bucket_of(Address key) {
    // Fibonacci hashing: the low bits of addresses are all alike.
    return (key * 0x9e3779b97f4a7c15u) >> (64 - kBucketBits);
  }

  SpinMutex mutex_;
  Record* buckets_[std::size_t{1} << kBucketBits] = {};
};

}  // namespace csp::race
