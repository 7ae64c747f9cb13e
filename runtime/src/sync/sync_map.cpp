// The table behind SyncMap: chained buckets behind one lock that may park. The lock is not announced, or it would order
// every user of the map with every other and hide their races. What is announced:
//   the entry's own address   released when it is stored, acquired by whoever finds it;
//   its reference count's     released by each reader that lets go, acquired by the last, which destroys it;
//   the erasures of its hash  released when it is taken out, acquired by whoever finds nothing.

#include "csp/detail/sync_map_core.h"

#include "csp/hooks.h"
#include "sync/word_lock.h"

namespace csp::detail {

using hooks::announce;
using hooks::Observer;

struct SyncMapCore::Locked {
  explicit Locked(const SyncMapCore& map) : lock(map.lock_) { rt::word_lock::lock(lock, __builtin_return_address(0)); }
  Locked(const Locked&) = delete;
  Locked& operator=(const Locked&) = delete;
  ~Locked() {
    // Held by us, so it cannot fail.
    (void)rt::word_lock::unlock(lock);
  }
  std::atomic<std::uint32_t>& lock;
};

namespace {

constexpr unsigned kBucketBitsMin = 3;

// std::hash of an integer is the integer: spread it (Fibonacci hashing) and keep the upper bits.
std::size_t upper_bits(std::size_t hash, unsigned bits) { return (hash * 0x9E3779B97F4A7C15u) >> (64 - bits); }

SyncMapEntry* hold(SyncMapEntry* entry) {
  if (entry != nullptr) {
    entry->references.fetch_add(1, std::memory_order_relaxed);
    announce(&Observer::acquire, static_cast<const void*>(entry));
  }
  return entry;
}

}  // namespace

SyncMapCore::~SyncMapCore() {
  clear();
  delete[] buckets_;
}

SyncMapEntry* SyncMapCore::find(std::size_t hash, const void* key) const {
  const Locked locked(*this);
  return hold(*place(hash, key));
}

SyncMapEntry* SyncMapCore::store(SyncMapEntry* entry, const void* key) {
  const Locked locked(*this);
  SyncMapEntry** at = place(entry->hash, key);
  SyncMapEntry* former = *at;
  if (former == nullptr) {
    add(entry);
  } else {
    announce(&Observer::release, static_cast<const void*>(entry));
    entry->next = former->next;
    *at = entry;
  }
  return former;
}

SyncMapEntry* SyncMapCore::load_or_store(SyncMapEntry* entry, const void* key) {
  const Locked locked(*this);
  SyncMapEntry* present = *place(entry->hash, key);
  if (present == nullptr) add(entry);
  return hold(present);
}

SyncMapEntry* SyncMapCore::remove(std::size_t hash, const void* key) {
  const Locked locked(*this);
  SyncMapEntry** at = place(hash, key);
  SyncMapEntry* entry = *at;
  if (entry != nullptr) take_out(at);
  return entry;
}

bool SyncMapCore::replace(SyncMapEntry* expected, SyncMapEntry* replacement) {
  {
    const Locked locked(*this);
    SyncMapEntry** at = bucket(expected->hash);
    while (*at != nullptr && *at != expected) at = &(*at)->next;
    if (*at == nullptr) return false;
    if (replacement == nullptr) {
      take_out(at);
    } else {
      announce(&Observer::release, static_cast<const void*>(replacement));
      replacement->next = expected->next;
      *at = replacement;
    }
  }
  drop(expected);  // The table's reference.
  return true;
}

void SyncMapCore::clear() {
  SyncMapEntry* taken = nullptr;
  {
    const Locked locked(*this);
    if (buckets_ == nullptr) return;
    for (const std::uint64_t& name : erasures_) announce(&Observer::release_merge, static_cast<const void*>(&name));
    for (std::size_t i = 0; i < std::size_t{1} << bucket_bits_; ++i) {
      while (SyncMapEntry* entry = buckets_[i]) {
        buckets_[i] = entry->next;
        entry->next = taken;
        taken = entry;
      }
    }
    size_ = 0;
  }
  while (taken != nullptr) {  // Destructors of the user's run without our lock.
    SyncMapEntry* next = taken->next;
    drop(taken);
    taken = next;
  }
}

SyncMapEntry** SyncMapCore::snapshot(std::size_t& count) const {
  const Locked locked(*this);
  count = 0;
  if (size_ == 0) return nullptr;
  auto** entries = new SyncMapEntry*[size_];
  for (std::size_t i = 0; i < std::size_t{1} << bucket_bits_; ++i) {
    for (SyncMapEntry* entry = buckets_[i]; entry != nullptr; entry = entry->next) entries[count++] = hold(entry);
  }
  return entries;
}

void SyncMapCore::release_snapshot(SyncMapEntry** entries, std::size_t count) const {
  for (std::size_t i = 0; i < count; ++i) drop(entries[i]);
  delete[] entries;
}

void SyncMapCore::drop(SyncMapEntry* entry) const {
  const void* readers = &entry->references;
  announce(&Observer::release_merge, readers);
  if (entry->references.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  announce(&Observer::acquire, readers);
  types_->destroy(entry);
}

SyncMapEntry** SyncMapCore::bucket(std::size_t hash) const { return &buckets_[upper_bits(hash, bucket_bits_)]; }

// Where the entry with `key` is linked; an end of chain when there is none.
SyncMapEntry** SyncMapCore::place(std::size_t hash, const void* key) const {
  static SyncMapEntry* nothing = nullptr;
  SyncMapEntry** at = &nothing;
  if (buckets_ != nullptr) {
    for (at = bucket(hash); *at != nullptr; at = &(*at)->next) {
      if ((*at)->hash != hash) continue;
      announce(&Observer::acquire, static_cast<const void*>(*at));  // same_key reads what the store wrote.
      if (types_->same_key(**at, key)) return at;
    }
  }
  announce(&Observer::acquire, erasures(hash));
  return at;
}

void SyncMapCore::add(SyncMapEntry* entry) {
  if (buckets_ == nullptr || size_ == std::size_t{1} << bucket_bits_) grow();
  announce(&Observer::release, static_cast<const void*>(entry));
  SyncMapEntry** first = bucket(entry->hash);
  entry->next = *first;
  *first = entry;
  ++size_;
}

void SyncMapCore::take_out(SyncMapEntry** at) {
  announce(&Observer::release_merge, erasures((*at)->hash));
  *at = (*at)->next;
  --size_;
}

void SyncMapCore::grow() {
  SyncMapEntry** old = buckets_;
  const std::size_t old_count = old == nullptr ? 0 : std::size_t{1} << bucket_bits_;
  const unsigned bits = old == nullptr ? kBucketBitsMin : bucket_bits_ + 1;
  buckets_ = new SyncMapEntry* [std::size_t{1} << bits] {};
  bucket_bits_ = bits;
  for (std::size_t i = 0; i < old_count; ++i) {
    while (SyncMapEntry* entry = old[i]) {
      old[i] = entry->next;
      SyncMapEntry** first = bucket(entry->hash);
      entry->next = *first;
      *first = entry;
    }
  }
  delete[] old;
}

const void* SyncMapCore::erasures(std::size_t hash) const { return &erasures_[upper_bits(hash, kErasureBits)]; }

}  // namespace csp::detail
