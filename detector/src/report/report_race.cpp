#include "report/report_race.h"

#include "core/flags.h"
#include "core/meta_table.h"
#include "report/agents.h"

namespace csp::race {
namespace {

// A race is told by its two calling contexts, whichever came first.
struct Known {
  ContextId first;
  ContextId second;
  std::uint32_t number;  // Of the finding; 0 when only counted.
  std::uint64_t count;
};

/// Open addressing by the pair of contexts, grown at three quarters full. Guarded by the mutex.
struct KnownRaces {
  SpinMutex mutex;
  Known* entries = nullptr;
  std::size_t capacity = 0;
  std::size_t count = 0;
};
constinit KnownRaces known;

Known& slot_of(ContextId first, ContextId second) {
  const std::uint64_t hash = (std::uint64_t{static_cast<std::uint32_t>(first)} << 32 | static_cast<std::uint32_t>(second)) *
                             0x9e3779b97f4a7c15u;
  for (std::size_t i = hash >> 20;; ++i) {
    Known& slot = known.entries[i & (known.capacity - 1)];
    if (slot.count == 0 || (slot.first == first && slot.second == second)) return slot;
  }
}

void grow_known() {
  const std::size_t old_capacity = known.capacity;
  Known* old = known.entries;
  known.capacity = old_capacity == 0 ? 256 : old_capacity * 2;
  known.entries = static_cast<Known*>(allocate(known.capacity * sizeof(Known)));
  for (std::size_t i = 0; i < old_capacity; ++i) {
    if (old[i].count != 0) slot_of(old[i].first, old[i].second) = old[i];
  }
  if (old != nullptr) deallocate(old, old_capacity * sizeof(Known));
}

/// Counts the pair; true if it is new.
bool count_pair(ContextId a, ContextId b) {
  const bool ordered = static_cast<std::uint32_t>(a) <= static_cast<std::uint32_t>(b);
  SpinGuard guard(known.mutex);
  if (known.count * 4 >= known.capacity * 3) grow_known();
  Known& slot = ordered ? slot_of(a, b) : slot_of(b, a);
  if (slot.count++ > 0) return false;
  slot.first = ordered ? a : b;
  slot.second = ordered ? b : a;
  ++known.count;
  return true;
}

void set_number(ContextId a, ContextId b, std::uint32_t number) {
  const bool ordered = static_cast<std::uint32_t>(a) <= static_cast<std::uint32_t>(b);
  SpinGuard guard(known.mutex);
  (ordered ? slot_of(a, b) : slot_of(b, a)).number = number;
}

// A report's stacks are too large for a goroutine's stack. One report at a time.
constexpr std::size_t kFrames = 256;
constinit SpinMutex scratch_mutex;
constinit Address access_frames[2][kFrames];
constinit Address block_frames[kFrames];
constinit Address held_locks[64];

report::Op op_of(ShadowWord word, ContextId context) {
  if ((innermost(context) & kFreeMark) != 0) return report::Op::kFree;
  return word.write() ? report::Op::kWrite : report::Op::kRead;
}

report::Access access_of(Address granule_start, RacingAccess access, report::AgentId agent, Address* frames) {
  report::Access result;
  const unsigned mask = access.word.mask();
  const auto first = static_cast<unsigned>(__builtin_ctz(mask));
  result.op = op_of(access.word, access.context);
  result.atomic = access.word.atomic();
  result.address = granule_start + first;
  result.size = 32u - static_cast<unsigned>(__builtin_clz(mask)) - first;
  result.agent = agent;
  result.stack = {frames, expand(access.context, frames, kFrames)};
  return result;
}

void report_race(ThreadState& thread, Address granule_start, RacingAccess current, const RacingAccess& earlier) {
  SpinGuard guard(scratch_mutex);
  const AgentRecord* other = agent_at(earlier.word.epoch());
  report::Access accesses[2] = {
      access_of(granule_start, current, thread.agent->id, access_frames[0]),
      access_of(granule_start, earlier, other->id, access_frames[1]),
  };
  std::size_t held = 0;
  for (; held < thread.lock_count && held < 64; ++held) held_locks[held] = thread.locks[held].address;
  accesses[0].locks_held = {held_locks, held};

  const Address shared_byte = granule_start + static_cast<unsigned>(__builtin_ctz(earlier.common));
  report::Location location;
  HeapBlock block;
  if (find_block(shared_byte, &block)) {
    location.kind = report::Location::Kind::kHeap;
    location.address = block.address;
    location.size = block.size;
    location.agent = block.agent->id;
    location.stack = {block_frames, expand(block.context, block_frames, kFrames)};
  } else if (const AgentRecord* owner = owner_of_stack(shared_byte); owner != nullptr) {
    location.kind = report::Location::Kind::kStack;
    location.address = owner->stack_low;
    location.size = owner->stack_size;
    location.agent = owner->id;
  } else if (in_module(shared_byte)) {
    location.kind = report::Location::Kind::kGlobal;
    location.address = shared_byte;
    location.size = accesses[0].size;
  }

  AgentList agents;
  agents.add(thread.agent);
  agents.add(other);
  if (location.kind == report::Location::Kind::kHeap) agents.add(block.agent);

  report::Finding finding;
  finding.rule = "csp-data-race";
  finding.grade = report::Grade::kError;
  finding.accesses = {accesses, 2};
  finding.agents = agents.span();
  finding.location = location;
  set_number(current.context, earlier.context, report::publish(finding));
}

}  // namespace

void report_races(ThreadState& thread, Address granule_start, RacingAccess current, const RaceList& races) {
  for (const RacingAccess& earlier : races) {
    if (!count_pair(current.context, earlier.context)) continue;
    report_race(thread, granule_start, current, earlier);
    if (flags.halt_on_error) halt();
  }
}

void publish_race_counts() {
  SpinGuard guard(known.mutex);
  report::End totals;
  for (std::size_t i = 0; i < known.capacity; ++i) {
    const Known& race = known.entries[i];
    if (race.count > 1 && race.number != 0) report::publish_count(race.number, race.count);
    if (race.count > 1) totals.suppressed += race.count - 1;
  }
  report::add_totals(totals);
}

void forget_reports() {
  if (known.entries != nullptr) deallocate(known.entries, known.capacity * sizeof(Known));
  known.entries = nullptr;
  known.capacity = known.count = 0;
}

}  // namespace csp::race
