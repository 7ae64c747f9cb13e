#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "csp/detail/sync_map_core.h"

namespace csp {

/// A map for many goroutines at once, as Go's sync.Map. Nothing blocks for long, and no function of the user's but the
/// keys' equality runs while it is locked.
///
/// A write happens before the reads that see it; operations on different keys, and reads among themselves, are not
/// ordered. Values are returned as copies, so K and V must be copyable.
template <class K, class V, class Hash = std::hash<K>, class Equal = std::equal_to<K>>
class SyncMap {
 public:
  SyncMap() : core_(kTypes) {}
  SyncMap(const SyncMap&) = delete;
  SyncMap& operator=(const SyncMap&) = delete;

  std::optional<V> load(const K& key) const { return copy_of(Held(*this, core_.find(Hash{}(key), &key))); }

  void store(const K& key, V value) {
    auto entry = make(key, std::move(value));
    Held(*this, core_.store(entry.get(), &entry->key));
    entry.release();
  }

  /// The value that is there, and true; else stores `value` and returns it, and false.
  std::pair<V, bool> load_or_store(const K& key, V value) {
    if (const Held present{*this, core_.find(Hash{}(key), &key)}) return {present->value, true};
    auto entry = make(key, value);
    if (const Held present{*this, core_.load_or_store(entry.get(), &entry->key)}) return {present->value, true};
    entry.release();
    return {std::move(value), false};
  }

  std::optional<V> load_and_delete(const K& key) { return copy_of(Held(*this, core_.remove(Hash{}(key), &key))); }

  void erase(const K& key) { Held(*this, core_.remove(Hash{}(key), &key)); }

  /// Stores `value` and returns the one that it replaces.
  std::optional<V> swap(const K& key, V value) {
    auto entry = make(key, std::move(value));
    const Held former(*this, core_.store(entry.get(), &entry->key));
    entry.release();
    return copy_of(former);
  }

  /// Stores `desired` if the value that is there equals `expected`.
  bool compare_and_swap(const K& key, const V& expected, V desired) {
    std::unique_ptr<Entry> entry;
    for (;;) {
      const Held present(*this, core_.find(Hash{}(key), &key));
      if (!present || !(present->value == expected)) return false;
      if (entry == nullptr) entry = make(key, std::move(desired));
      if (core_.replace(present.get(), entry.get())) {
        entry.release();
        return true;
      }
    }
  }

  /// Erases the value that is there if it equals `expected`.
  bool compare_and_delete(const K& key, const V& expected) {
    for (;;) {
      const Held present(*this, core_.find(Hash{}(key), &key));
      if (!present || !(present->value == expected)) return false;
      if (core_.replace(present.get(), nullptr)) return true;
    }
  }

  /// Calls `f(const K&, V&)` for what is in the map now, until it returns false. `f` may use the map. Writing through
  /// the reference changes the value in place, which other users of the same key must be ordered with.
  template <class F>
  void range(F&& f) const {
    const Snapshot snapshot(*this);
    for (std::size_t i = 0; i < snapshot.count; ++i) {
      auto& entry = *static_cast<Entry*>(snapshot.entries[i]);
      if (!std::invoke(f, std::as_const(entry.key), entry.value)) return;
    }
  }

  void clear() { core_.clear(); }

 private:
  struct Entry : detail::SyncMapEntry {
    Entry(std::size_t key_hash, const K& k, V&& v) : SyncMapEntry(key_hash), key(k), value(std::move(v)) {}
    const K key;
    V value;
  };

  // A reference to an entry, or to none.
  class Held {
   public:
    Held(const SyncMap& map, detail::SyncMapEntry* entry) : map_(map), entry_(static_cast<Entry*>(entry)) {}
    Held(const Held&) = delete;
    Held& operator=(const Held&) = delete;
    ~Held() {
      if (entry_ != nullptr) map_.core_.drop(entry_);
    }
    explicit operator bool() const { return entry_ != nullptr; }
    Entry* operator->() const { return entry_; }
    Entry* get() const { return entry_; }

   private:
    const SyncMap& map_;
    Entry* entry_;
  };

  struct Snapshot {
    explicit Snapshot(const SyncMap& from) : map(from), entries(from.core_.snapshot(count)) {}
    Snapshot(const Snapshot&) = delete;
    Snapshot& operator=(const Snapshot&) = delete;
    ~Snapshot() { map.core_.release_snapshot(entries, count); }
    const SyncMap& map;
    std::size_t count = 0;
    detail::SyncMapEntry** entries;
  };

  static std::unique_ptr<Entry> make(const K& key, V value) {
    return std::make_unique<Entry>(Hash{}(key), key, std::move(value));
  }
  static std::optional<V> copy_of(const Held& held) { return held ? std::optional<V>(held->value) : std::nullopt; }

  static bool same_key(const detail::SyncMapEntry& entry, const void* key) {
    return Equal{}(static_cast<const Entry&>(entry).key, *static_cast<const K*>(key));
  }
  static void destroy(detail::SyncMapEntry* entry) { delete static_cast<Entry*>(entry); }
  static constexpr detail::SyncMapTypes kTypes{same_key, destroy};

  detail::SyncMapCore core_;
};

}  // namespace csp
