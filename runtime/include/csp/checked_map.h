#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <iterator>
#include <type_traits>
#include <unordered_map>
#include <utility>

namespace csp {

namespace detail {

/// Notices uses of a map that overlap, as Go's runtime does: by luck, with a few loads and stores, in every build.
/// Orders nobody, so that a race detector still sees the accesses to the map itself.
class MapUse {
 public:
  /// A write from construction to destruction.
  class Write {
   public:
    explicit Write(MapUse& use) : use_(use) { use_.begin_write(); }
    Write(const Write&) = delete;
    Write& operator=(const Write&) = delete;
    ~Write() { use_.end_write(); }

   private:
    MapUse& use_;
  };

  /// A read from construction to destruction.
  class Read {
   public:
    explicit Read(const MapUse& use) : use_(use), writes_(use.begin_read()) {}
    Read(const Read&) = delete;
    Read& operator=(const Read&) = delete;
    ~Read() { use_.end_read(writes_); }
    std::uint64_t writes() const { return writes_; }

   private:
    const MapUse& use_;
    std::uint64_t writes_;
  };

  /// How many writes there have been.
  std::uint64_t writes() const;
  /// Likewise, at the beginning of an iteration: dies if a write is going on.
  std::uint64_t begin_iteration() const;
  /// The next step: dies if another goroutine has written since the last one, counted by `writes`, which is updated.
  void step(std::uint64_t& writes) const;

 private:
  void begin_write();
  void end_write();
  std::uint64_t begin_read() const;
  void end_read(std::uint64_t writes) const;

  std::atomic<const void*> writer_{nullptr};       // Who is writing now.
  std::atomic<const void*> last_writer_{nullptr};  // Who wrote last.
  std::atomic<std::uint64_t> writes_{0};           // How many writes have begun.
};

}  // namespace detail

/// A std::unordered_map that dies when it is used by several goroutines without synchronisation, as Go's map does:
/// `fatal error: concurrent map read and map write`, `concurrent map writes` or
/// `concurrent map iteration and map write`. It finds such misuse by luck, at a small cost, in every build.
///
/// Non-const operator[], insert, erase and clear and their like write; find, at, contains and const access read. A
/// loop over the map is an iteration until it ends; as in Go, the goroutine that iterates may itself write, within
/// what the iterators of std::unordered_map allow.
template <class K, class V, class Hash = std::hash<K>, class Equal = std::equal_to<K>>
class CheckedMap {
  using Map = std::unordered_map<K, V, Hash, Equal>;
  using Use = detail::MapUse;

  template <bool kConst>
  class Iterator {
    using Base = std::conditional_t<kConst, typename Map::const_iterator, typename Map::iterator>;

   public:
    using iterator_category = std::forward_iterator_tag;
    using value_type = typename Map::value_type;
    using difference_type = typename Map::difference_type;
    using reference = typename std::iterator_traits<Base>::reference;
    using pointer = typename std::iterator_traits<Base>::pointer;

    Iterator() = default;
    operator Iterator<true>() const { return {base_, use_, writes_}; }  // NOLINT(google-explicit-constructor)

    reference operator*() const { return *base_; }
    pointer operator->() const { return base_.operator->(); }
    Iterator& operator++() {
      use_->step(writes_);
      ++base_;
      return *this;
    }
    Iterator operator++(int) {
      Iterator before = *this;
      ++*this;
      return before;
    }
    friend bool operator==(const Iterator& a, const Iterator& b) { return a.base_ == b.base_; }

   private:
    friend class CheckedMap;
    template <bool>
    friend class Iterator;
    Iterator(Base base, const Use* use, std::uint64_t writes) : base_(base), use_(use), writes_(writes) {}

    Base base_{};
    const Use* use_ = nullptr;
    std::uint64_t writes_ = 0;
  };

 public:
  using key_type = K;
  using mapped_type = V;
  using value_type = typename Map::value_type;
  using size_type = typename Map::size_type;
  using iterator = Iterator<false>;
  using const_iterator = Iterator<true>;

  CheckedMap() = default;
  CheckedMap(std::initializer_list<value_type> values) : map_(values) {}
  CheckedMap(const CheckedMap&) = delete;
  CheckedMap& operator=(const CheckedMap&) = delete;

  // Writes.
  V& operator[](const K& key) {
    const Use::Write write(use_);
    return map_[key];
  }
  V& operator[](K&& key) {
    const Use::Write write(use_);
    return map_[std::move(key)];
  }
  std::pair<iterator, bool> insert(const value_type& value) {
    return added([&] { return map_.insert(value); });
  }
  std::pair<iterator, bool> insert(value_type&& value) {
    return added([&] { return map_.insert(std::move(value)); });
  }
  template <class... Args>
  std::pair<iterator, bool> emplace(Args&&... args) {
    return added([&] { return map_.emplace(std::forward<Args>(args)...); });
  }
  template <class... Args>
  std::pair<iterator, bool> try_emplace(const K& key, Args&&... args) {
    return added([&] { return map_.try_emplace(key, std::forward<Args>(args)...); });
  }
  template <class Value>
  std::pair<iterator, bool> insert_or_assign(const K& key, Value&& value) {
    return added([&] { return map_.insert_or_assign(key, std::forward<Value>(value)); });
  }
  size_type erase(const K& key) {
    const Use::Write write(use_);
    return map_.erase(key);
  }
  iterator erase(const_iterator position) { return erased(position); }
  iterator erase(iterator position) { return erased(position); }
  void clear() {
    const Use::Write write(use_);
    map_.clear();
  }
  void reserve(size_type count) {
    const Use::Write write(use_);
    map_.reserve(count);
  }

  // Reads.
  iterator find(const K& key) {
    const Use::Read read(use_);
    return iterator(map_.find(key), &use_, read.writes());
  }
  const_iterator find(const K& key) const {
    const Use::Read read(use_);
    return const_iterator(map_.find(key), &use_, read.writes());
  }
  V& at(const K& key) {
    const Use::Read read(use_);
    return map_.at(key);
  }
  const V& at(const K& key) const {
    const Use::Read read(use_);
    return map_.at(key);
  }
  /// As Go's map: the value, or V{} when there is none.
  V operator[](const K& key) const {
    const Use::Read read(use_);
    const auto found = map_.find(key);
    return found == map_.end() ? V{} : found->second;
  }
  bool contains(const K& key) const {
    const Use::Read read(use_);
    return map_.contains(key);
  }
  size_type count(const K& key) const {
    const Use::Read read(use_);
    return map_.count(key);
  }
  size_type size() const {
    const Use::Read read(use_);
    return map_.size();
  }
  bool empty() const {
    const Use::Read read(use_);
    return map_.empty();
  }

  // Iteration.
  iterator begin() { return iterator(map_.begin(), &use_, use_.begin_iteration()); }
  iterator end() { return iterator(map_.end(), &use_, use_.writes()); }
  const_iterator begin() const { return const_iterator(map_.begin(), &use_, use_.begin_iteration()); }
  const_iterator end() const { return const_iterator(map_.end(), &use_, use_.writes()); }
  const_iterator cbegin() const { return begin(); }
  const_iterator cend() const { return end(); }

 private:
  template <class Insert>
  std::pair<iterator, bool> added(Insert insert) {
    const auto [place, fresh] = [&] {
      const Use::Write write(use_);
      return insert();
    }();
    return {iterator(place, &use_, use_.writes()), fresh};
  }
  iterator erased(const_iterator position) {
    const auto next = [&] {
      const Use::Write write(use_);
      return map_.erase(position.base_);
    }();
    return iterator(next, &use_, use_.writes());
  }

  Map map_;
  Use use_;
};

}  // namespace csp
