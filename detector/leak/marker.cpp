#include "marker.h"

namespace csp::leak {

std::size_t WordSet::place(std::uintptr_t word) const {
  const std::size_t mask = table_.size() - 1;
  std::size_t at = static_cast<std::size_t>(word * 0x9e3779b97f4a7c15u >> 20) & mask;
  while (table_[at] != 0 && table_[at] != word) at = (at + 1) & mask;
  return at;
}

bool WordSet::contains(std::uintptr_t word) const { return !table_.empty() && table_[place(word)] == word; }

bool WordSet::insert(std::uintptr_t word) {
  if (size_ * 2 >= table_.size()) {
    MappedVector<std::uintptr_t> words;
    for (const std::uintptr_t old : table_) {
      if (old != 0 && !words.push_back(old)) lost_ = true;
    }
    const std::size_t capacity = table_.empty() ? 1024 : table_.size() * 4;
    table_.clear();
    if (!table_.resize(capacity)) {
      lost_ = true;
      return false;
    }
    for (const std::uintptr_t old : words) table_[place(old)] = old;
  }
  const std::size_t at = place(word);
  if (table_[at] == word) return false;
  table_[at] = word;
  ++size_;
  return true;
}

void Marker::add_region(std::uintptr_t low, std::uintptr_t high, std::uintptr_t search_low,
                        std::uintptr_t search_high) {
  if (low < high) complete_ &= regions_.push_back({low, high, search_low, search_high, false});
}

void Marker::seal_regions() {
  sort(regions_.data(), regions_.size(), [](const Region& a, const Region& b) { return a.low < b.low; });
  // Two goroutines that wait on one channel name it twice.
  std::size_t kept = 0;
  for (std::size_t i = 0; i < regions_.size(); ++i) {
    if (kept == 0 || regions_[i].low >= regions_[kept - 1].high) regions_[kept++] = regions_[i];
  }
  regions_.resize(kept);
}

Region* Marker::region_of(std::uintptr_t address) {
  std::size_t low = 0;
  std::size_t high = regions_.size();
  while (low < high) {
    const std::size_t middle = (low + high) / 2;
    if (regions_[middle].high <= address)
      low = middle + 1;
    else
      high = middle;
  }
  return low < regions_.size() && regions_[low].low <= address ? &regions_[low] : nullptr;
}

void Marker::follow(std::uintptr_t word) {
  constexpr std::uintptr_t kLowest = 4096;
  constexpr std::uintptr_t kHighest = std::uintptr_t{1} << 48;
  if (word < kLowest || word >= kHighest) return;
  if (Region* region = region_of(word)) {
    if (!region->reached) {
      region->reached = true;
      enqueue(region->search_low, region->search_high);
    }
    return;
  }
  std::uintptr_t base = 0;
  std::size_t size = 0;
  if (block_of(word, &base, &size) && blocks_.insert(base)) enqueue(base, base + size);
}

void Marker::drain() {
  while (!pending_.empty()) {
    const Piece piece = pending_.back();
    pending_.pop_back();
    constexpr std::uintptr_t kWord = sizeof(std::uintptr_t);
    for (std::uintptr_t at = (piece.low + kWord - 1) & ~(kWord - 1); at + kWord <= piece.high; at += kWord) {
      follow(*reinterpret_cast<const std::uintptr_t*>(at));
    }
  }
}

void Marker::search(std::uintptr_t low, std::uintptr_t high) {
  enqueue(low, high);
  drain();
}

void Marker::search_allocator(std::uintptr_t low, std::uintptr_t high) {
  for (std::uintptr_t at = low; at + sizeof(std::uintptr_t) <= high; at += sizeof(std::uintptr_t)) {
    const std::uintptr_t word = *reinterpret_cast<const std::uintptr_t*>(at);
    if (const Region* region = region_of(word); region != nullptr && may_be_header(word, region->high)) continue;
    std::uintptr_t base = 0;
    std::size_t size = 0;
    if (block_of(word, &base, &size) && may_be_header(word, (base + size + 7) & ~std::uintptr_t{7})) continue;
    reach(word);
  }
}

void Marker::reach(std::uintptr_t address) {
  follow(address);
  drain();
}

}  // namespace csp::leak
