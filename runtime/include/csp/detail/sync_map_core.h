#pragma once
// The part of SyncMap that knows neither key nor value. See sync_map.cpp.

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace csp::detail {

/// An association as it was stored: never changed once it is in the table, replaced by another instead. So whoever
/// finds one needs to be ordered with the one store that put it there, and with nothing else.
///
/// Counted: the table holds one reference, and so does whoever reads it.
struct SyncMapEntry {
  explicit SyncMapEntry(std::size_t key_hash) : hash(key_hash) {}
  const std::size_t hash;
  SyncMapEntry* next = nullptr;
  std::atomic<std::uint32_t> references{1};
};

/// What the core must know of the user's types.
struct SyncMapTypes {
  bool (*same_key)(const SyncMapEntry& entry, const void* key);
  void (*destroy)(SyncMapEntry* entry);
};

/// A hash table of entries. Thread-safe. An entry that is returned carries a reference of the caller's, to be given
/// back by drop(); one that is passed in gives the caller's reference to the table.
class SyncMapCore {
 public:
  explicit SyncMapCore(const SyncMapTypes& types) : types_(&types) {}
  SyncMapCore(const SyncMapCore&) = delete;
  SyncMapCore& operator=(const SyncMapCore&) = delete;
  ~SyncMapCore();

  SyncMapEntry* find(std::size_t hash, const void* key) const;
  /// Puts `entry` in the place of the one with its key, which is returned; null if there was none.
  SyncMapEntry* store(SyncMapEntry* entry, const void* key);
  /// The one with its key if there is one; the caller then keeps `entry`. Else stores it and returns null.
  SyncMapEntry* load_or_store(SyncMapEntry* entry, const void* key);
  /// Takes out the entry with the key and returns it.
  SyncMapEntry* remove(std::size_t hash, const void* key);
  /// Puts `replacement`, or nothing when it is null, where `expected` is. False when `expected` is not there any more;
  /// the caller then keeps `replacement`.
  bool replace(SyncMapEntry* expected, SyncMapEntry* replacement);
  void clear();

  /// All entries of this moment, as an array of `count` that ends its life with release_snapshot().
  SyncMapEntry** snapshot(std::size_t& count) const;
  void release_snapshot(SyncMapEntry** entries, std::size_t count) const;

  void drop(SyncMapEntry* entry) const;

 private:
  struct Locked;
  // All need the lock.
  SyncMapEntry** bucket(std::size_t hash) const;
  SyncMapEntry** place(std::size_t hash, const void* key) const;
  void add(SyncMapEntry* entry);
  void take_out(SyncMapEntry** at);
  void grow();
  const void* erasures(std::size_t hash) const;

  const SyncMapTypes* types_;
  mutable std::atomic<std::uint32_t> lock_{0};  // A word lock: it guards what follows, and orders nobody.
  std::size_t size_ = 0;
  unsigned bucket_bits_ = 0;  // 2 to this power buckets, once there are any.
  SyncMapEntry** buckets_ = nullptr;

  // Only addresses: what erased a key releases to the one of its hash, and who misses the key acquires from it.
  static constexpr unsigned kErasureBits = 4;
  std::uint64_t erasures_[std::size_t{1} << kErasureBits] = {};
};

}  // namespace csp::detail
