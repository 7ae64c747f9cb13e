// Everything is relaxed: that these flags are themselves raced on is the point, and they must not order the goroutines
// whose misuse they look for. A write is recognised as somebody's own by the strand that made it.

#include "csp/checked_map.h"

#include "base/fatal.h"
#include "sched/park.h"

namespace csp::detail {
namespace {

constexpr auto kRelaxed = std::memory_order_relaxed;

constexpr const char kReadAndWrite[] = "concurrent map read and map write";
constexpr const char kWrites[] = "concurrent map writes";
constexpr const char kIterationAndWrite[] = "concurrent map iteration and map write";

}  // namespace

void MapUse::begin_write() {
  const void* self = &rt::current_strand();
  // Not an exchange: a write that slips in between is found in end_write().
  if (writer_.load(kRelaxed) != nullptr) rt::fatal(kWrites);
  writer_.store(self, kRelaxed);
  last_writer_.store(self, kRelaxed);
  writes_.store(writes_.load(kRelaxed) + 1, kRelaxed);
}

void MapUse::end_write() {
  if (writer_.load(kRelaxed) != &rt::current_strand()) rt::fatal(kWrites);
  writer_.store(nullptr, kRelaxed);
}

std::uint64_t MapUse::begin_read() const {
  const std::uint64_t writes = writes_.load(kRelaxed);
  if (writer_.load(kRelaxed) != nullptr) rt::fatal(kReadAndWrite);
  return writes;
}

void MapUse::end_read(std::uint64_t writes) const {
  if (writer_.load(kRelaxed) != nullptr || writes_.load(kRelaxed) != writes) rt::fatal(kReadAndWrite);
}

std::uint64_t MapUse::writes() const { return writes_.load(kRelaxed); }

std::uint64_t MapUse::begin_iteration() const {
  const std::uint64_t writes = writes_.load(kRelaxed);
  if (writer_.load(kRelaxed) != nullptr) rt::fatal(kIterationAndWrite);
  return writes;
}

void MapUse::step(std::uint64_t& writes) const {
  const std::uint64_t now = writes_.load(kRelaxed);
  const bool written = now != writes && last_writer_.load(kRelaxed) != &rt::current_strand();
  if (written || writer_.load(kRelaxed) != nullptr) rt::fatal(kIterationAndWrite);
  writes = now;
}

}  // namespace csp::detail
