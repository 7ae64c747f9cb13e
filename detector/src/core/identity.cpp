#include "core/identity.h"

#include "base/indexed_pool.h"

namespace csp::race {
namespace {

/// One agent's stretch of a line.
struct Stretch {
  Clock first = 0;
  const AgentRecord* agent = nullptr;
  Stretch* previous = nullptr;
};

struct Line {
  std::atomic<Stretch*> latest{nullptr};
};

// Index = Tid.
constinit IndexedPool<Line> lines;

// Filed by creator, who is most likely to have seen the end of its children.
constexpr unsigned kBuckets = 256;
struct Bucket {
  SpinMutex mutex;
  Epoch* entries = nullptr;  // The last epochs of lines without an agent.
  std::size_t count = 0;
  std::size_t capacity = 0;
};
constinit Bucket buckets[kBuckets];

// How many of the newest are tried. Whoever joins its children finds them all; the rest is luck not worth a search.
constexpr std::size_t kTries = 8;

Bucket& bucket_of(Tid creator) { return buckets[static_cast<std::uint32_t>(creator) % kBuckets]; }

bool take_free_line(Tid creator, const VectorClock& known, Epoch* last) {
  Bucket& bucket = bucket_of(creator);
  SpinGuard guard(bucket.mutex);
  for (std::size_t tries = 0; tries < kTries && tries < bucket.count; ++tries) {
    Epoch& entry = bucket.entries[bucket.count - 1 - tries];
    if (!known.covers(entry)) continue;
    *last = entry;
    entry = bucket.entries[--bucket.count];
    return true;
  }
  return false;
}

void begin_stretch(Tid tid, Clock first, const AgentRecord* agent) {
  auto* stretch = make<Stretch>();
  Line& line = lines.at(static_cast<std::uint32_t>(tid));
  stretch->first = first;
  stretch->agent = agent;
  stretch->previous = line.latest.load(std::memory_order_relaxed);
  line.latest.store(stretch, std::memory_order_release);  // Pairs with the acquire in agent_at().
}

}  // namespace

Epoch take_identity(Tid creator, const VectorClock& known, const AgentRecord* agent) {
  Epoch last;
  Epoch start{Tid::kNone, 1};
  if (take_free_line(creator, known, &last)) {
    start = {last.tid, last.clock + 1};
  } else {
    const std::uint32_t fresh = lines.create();
    if (fresh > kTidMax) die("67 million goroutines whose ends nobody waited for: the detector has no identity left");
    start.tid = Tid{fresh};
  }
  begin_stretch(start.tid, start.clock, agent);
  return start;
}

void return_identity(Tid creator, Epoch last) {
  if (last.clock + 1 >= kClockMax) return;  // Used up.
  Bucket& bucket = bucket_of(creator);
  SpinGuard guard(bucket.mutex);
  if (bucket.count == bucket.capacity) {
    const std::size_t capacity = bucket.capacity == 0 ? 64 : bucket.capacity * 2;
    auto* entries = static_cast<Epoch*>(allocate(capacity * sizeof(Epoch)));
    copy_bytes(entries, bucket.entries, bucket.count * sizeof(Epoch));
    if (bucket.entries != nullptr) deallocate(bucket.entries, bucket.capacity * sizeof(Epoch));
    bucket.entries = entries;
    bucket.capacity = capacity;
  }
  bucket.entries[bucket.count++] = last;
}

const AgentRecord* agent_at(Epoch epoch) {
  const Line& line = lines.at(static_cast<std::uint32_t>(epoch.tid));
  const Stretch* stretch = line.latest.load(std::memory_order_acquire);
  while (stretch != nullptr && stretch->first > epoch.clock) stretch = stretch->previous;
  return stretch == nullptr ? nullptr : stretch->agent;
}

}  // namespace csp::race
