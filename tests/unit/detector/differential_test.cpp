// The detector against the definition. Random programs of a few agents are played to both, event by event, on one OS
// thread; they must agree, byte by byte, on what races.
//
// The detector may answer with fewer pairs than there are: it forgets an access when a later one stands for it, and
// looks at a second access of one epoch only if it is a stronger one. So we demand
//   sound     each pair it reports is a race by the definition;
//   complete  if an access races by the definition, a race of that access's epoch has been reported for that byte,
//             at this access or before.
//
// replay with: CSP_SEED=<seed> <this program>

#include <gtest/gtest.h>

#include <csp/hooks.h>

#include <cstdlib>
#include <memory>
#include <random>
#include <set>
#include <sstream>
#include <string>
#include <tuple>

#include "core/detector.h"
#include "core/thread_state.h"
#include "reference_detector.h"
#include "report/report_race.h"

// The ABI, as the compilers call it.
extern "C" {
void __tsan_read1(void*);
void __tsan_read2(void*);
void __tsan_read4(void*);
void __tsan_read8(void*);
void __tsan_read16(void*);
void __tsan_write1(void*);
void __tsan_write2(void*);
void __tsan_write4(void*);
void __tsan_write8(void*);
void __tsan_write16(void*);
void __tsan_read_range(const void*, std::size_t);
void __tsan_write_range(void*, std::size_t);
std::uint32_t __tsan_atomic32_load(const volatile std::uint32_t*, int);
void __tsan_atomic32_store(volatile std::uint32_t*, std::uint32_t, int);
std::uint32_t __tsan_atomic32_fetch_add(volatile std::uint32_t*, std::uint32_t, int);
int __tsan_atomic32_compare_exchange_strong(volatile std::uint32_t*, std::uint32_t*, std::uint32_t, int, int);
void __tsan_atomic_thread_fence(int);
}

namespace {

struct Reported {
  csp::race::Epoch current;
  csp::race::ShadowWord earlier;
  csp::race::Address granule;
  unsigned common;
};
std::vector<Reported>* collected = nullptr;

}  // namespace

// Takes the place of report/report_race.cpp, which the linker then leaves in its archive.
namespace csp::race {
void report_races(ThreadState& thread, Address granule_start, RacingAccess, const RaceList& races) {
  if (collected == nullptr) return;
  for (const RacingAccess& race : races) collected->push_back({thread.now, race.word, granule_start, race.common});
}
void publish_race_counts() {}
void lock_reports() {}
void unlock_reports() {}
void forget_reports() {}
}  // namespace csp::race

namespace {

using csp::race::Address;
using csp::testing::ReferenceDetector;
using Order = ReferenceDetector::Order;

constexpr std::size_t kArena = 32;
alignas(64) unsigned char arena[kArena];
alignas(64) unsigned char sync_objects[64];

Address at(const void* address) { return reinterpret_cast<Address>(address); }

/// An epoch of the detector's, as a key.
using EpochKey = std::pair<std::uint32_t, csp::race::Clock>;
EpochKey key_of(csp::race::Epoch epoch) { return {static_cast<std::uint32_t>(epoch.tid), epoch.clock}; }

/// One random program.
class Play {
 public:
  explicit Play(std::uint64_t seed) : random_(seed) {
    csp::race::memory_mapped(at(arena), sizeof arena);
    csp::race::memory_mapped(at(sync_objects), sizeof sync_objects);
    agents_.push_back({nullptr, 0});
  }
  ~Play() {
    for (std::size_t i = 1; i < agents_.size(); ++i) end(i);
  }
  Play(const Play&) = delete;
  Play& operator=(const Play&) = delete;

  /// False, and what() says why, if the two disagreed.
  bool run(unsigned events) {
    for (unsigned i = 0; i < events && failure_.empty(); ++i) step();
    return failure_.empty();
  }
  std::string what() const { return log_.str() + failure_; }

 private:
  struct Agent {
    std::unique_ptr<csp::hooks::Agent> hook;  // Null for the test's own thread.
    ReferenceDetector::AgentIndex reference;
  };

  unsigned below(unsigned bound) { return static_cast<unsigned>(random_() % bound); }
  Order any_order(std::initializer_list<Order> orders) {
    return orders.begin()[below(static_cast<unsigned>(orders.size()))];
  }

  void resume(const Agent& agent) {
    if (agent.hook != nullptr) csp::hooks::announce(&csp::hooks::Observer::goroutine_resumed, agent.hook.get());
  }
  void suspend(const Agent& agent) {
    if (agent.hook != nullptr) csp::hooks::announce(&csp::hooks::Observer::goroutine_suspended, agent.hook.get());
  }
  void end(std::size_t index) {
    resume(agents_[index]);
    csp::hooks::announce(&csp::hooks::Observer::goroutine_ended, agents_[index].hook.get());
  }

  void step() {
    const std::size_t index = below(static_cast<unsigned>(agents_.size()));
    switch (below(16)) {
      case 0:
        return create(index);
      case 1:
        return finish(index);
      case 2:
        return synchronise(index);
      case 3:
        return synchronise(index);
      case 4:
        return hand_off(index);
      case 5:
        return fence(index);
      case 6:
      case 7:
      case 8:
        return atomic(index);
      case 9:
        return reuse(index);
      default:
        return access(index);
    }
  }

  std::ostream& log(std::size_t index) { return log_ << "agent " << agents_[index].reference << ": "; }

  void create(std::size_t parent) {
    if (agents_.size() >= 6) return;
    Agent child{std::make_unique<csp::hooks::Agent>(), reference_.add_agent(agents_[parent].reference)};
    child.hook->id = child.reference;
    log(parent) << "creates " << child.reference << "\n";
    resume(agents_[parent]);
    csp::hooks::announce(&csp::hooks::Observer::goroutine_created, child.hook.get(), agents_[parent].hook.get(),
                         static_cast<const void*>(nullptr));
    suspend(agents_[parent]);
    agents_.push_back(std::move(child));
  }

  void finish(std::size_t index) {
    if (index == 0) return;
    log(index) << "ends\n";
    // Half of them say so before, for somebody to wait for.
    if (below(2) == 0) synchronise(index);
    end(index);
    agents_.erase(agents_.begin() + static_cast<std::ptrdiff_t>(index));
  }

  void synchronise(std::size_t index) {
    unsigned char* object = &sync_objects[below(3)];
    const auto reference = agents_[index].reference;
    resume(agents_[index]);
    switch (below(3)) {
      case 0:
        log(index) << "acquires " << object - sync_objects << "\n";
        csp::hooks::announce(&csp::hooks::Observer::acquire, static_cast<const void*>(object));
        reference_.acquire(reference, at(object));
        break;
      case 1:
        log(index) << "releases " << object - sync_objects << "\n";
        csp::hooks::announce(&csp::hooks::Observer::release, static_cast<const void*>(object));
        reference_.release(reference, at(object));
        break;
      default:
        log(index) << "adds a release to " << object - sync_objects << "\n";
        csp::hooks::announce(&csp::hooks::Observer::release_merge, static_cast<const void*>(object));
        reference_.release_merge(reference, at(object));
        break;
    }
    suspend(agents_[index]);
  }

  void hand_off(std::size_t index) {
    const std::size_t peer = below(static_cast<unsigned>(agents_.size()));
    if (peer == index || peer == 0) return;
    log(index) << "and " << agents_[peer].reference << " hand off\n";
    resume(agents_[index]);
    csp::hooks::announce(&csp::hooks::Observer::handoff, agents_[peer].hook.get());
    suspend(agents_[index]);
    reference_.handoff(agents_[index].reference, agents_[peer].reference);
  }

  void fence(std::size_t index) {
    const Order order = any_order({Order::kAcquire, Order::kRelease, Order::kAcqRel, Order::kSeqCst});
    log(index) << "fence " << static_cast<int>(order) << "\n";
    resume(agents_[index]);
    __tsan_atomic_thread_fence(static_cast<int>(order));
    suspend(agents_[index]);
    reference_.fence(agents_[index].reference, order);
  }

  void atomic(std::size_t index) {
    const std::size_t offset = below(3) * 4;
    auto* object = reinterpret_cast<std::uint32_t*>(arena + offset);
    const auto reference = agents_[index].reference;
    begin_event(index);
    switch (below(4)) {
      case 0: {
        const Order order = any_order({Order::kRelaxed, Order::kAcquire, Order::kSeqCst});
        log(index) << "atomic load of " << offset << ", order " << static_cast<int>(order) << "\n";
        __tsan_atomic32_load(object, static_cast<int>(order));
        reference_.atomic_load(reference, at(object), order);
        compare(index, offset, 4, false, true);
        break;
      }
      case 1: {
        const Order order = any_order({Order::kRelaxed, Order::kRelease, Order::kSeqCst});
        log(index) << "atomic store to " << offset << ", order " << static_cast<int>(order) << "\n";
        __tsan_atomic32_store(object, 0, static_cast<int>(order));
        compare(index, offset, 4, true, true);
        reference_.atomic_store(reference, at(object), order);
        break;
      }
      case 2: {
        const Order order =
            any_order({Order::kRelaxed, Order::kAcquire, Order::kRelease, Order::kAcqRel, Order::kSeqCst});
        log(index) << "atomic addition to " << offset << ", order " << static_cast<int>(order) << "\n";
        __tsan_atomic32_fetch_add(object, 1, static_cast<int>(order));
        reference_.atomic_rmw_takes_in(reference, at(object), order);
        compare(index, offset, 4, true, true);
        reference_.atomic_rmw_lets_out(reference, at(object), order);
        break;
      }
      default: {
        const Order success =
            any_order({Order::kRelaxed, Order::kAcquire, Order::kRelease, Order::kAcqRel, Order::kSeqCst});
        const Order failure = any_order({Order::kRelaxed, Order::kAcquire, Order::kSeqCst});
        std::uint32_t expected = *object + below(2);
        const bool done = __tsan_atomic32_compare_exchange_strong(object, &expected, 7, static_cast<int>(success),
                                                                  static_cast<int>(failure)) != 0;
        log(index) << "compare-exchange of " << offset << (done ? " succeeds" : " fails") << ", orders "
                   << static_cast<int>(success) << " " << static_cast<int>(failure) << "\n";
        reference_.atomic_rmw_takes_in(reference, at(object), done ? success : failure);
        compare(index, offset, 4, done, true);
        if (done) reference_.atomic_rmw_lets_out(reference, at(object), success);
        break;
      }
    }
    suspend(agents_[index]);
  }

  void access(std::size_t index) {
    const bool write = below(3) == 0;
    std::size_t size = std::size_t{1} << below(5);
    std::size_t offset = below(static_cast<unsigned>(kArena / size)) * size;
    const bool range = below(6) == 0;
    if (range) {
      offset = below(kArena - 1);
      size = 1 + below(static_cast<unsigned>(kArena - offset));
    }
    void* p = arena + offset;
    log(index) << (write ? "writes " : "reads ") << offset << "+" << size << "\n";
    begin_event(index);
    if (range) {
      write ? __tsan_write_range(p, size) : __tsan_read_range(p, size);
    } else {
      switch (size) {
        case 1:
          write ? __tsan_write1(p) : __tsan_read1(p);
          break;
        case 2:
          write ? __tsan_write2(p) : __tsan_read2(p);
          break;
        case 4:
          write ? __tsan_write4(p) : __tsan_read4(p);
          break;
        case 8:
          write ? __tsan_write8(p) : __tsan_read8(p);
          break;
        default:
          write ? __tsan_write16(p) : __tsan_read16(p);
          break;
      }
    }
    compare(index, offset, size, write, false);
    suspend(agents_[index]);
  }

  /// A block of the arena is freed and given out again.
  void reuse(std::size_t index) {
    const std::size_t offset = 16 + 8 * below(2);
    const std::size_t size = 1 + below(8);
    log(index) << "allocates and frees " << offset << "+" << size << "\n";
    resume(agents_[index]);
    csp::race::block_allocated(at(arena) + offset, size, 1);
    suspend(agents_[index]);
    for (std::size_t i = 0; i < 8; ++i) forget(offset + i);
    const std::size_t who = below(static_cast<unsigned>(agents_.size()));
    for (unsigned i = below(4); i > 0; --i) access(below(static_cast<unsigned>(agents_.size())));
    log(who) << "frees it\n";
    begin_event(who);
    csp::race::block_freeing(at(arena) + offset, 1);
    compare(who, offset, size, true, false);
    suspend(agents_[who]);
  }

  void forget(std::size_t offset) {
    reference_.forget(offset);
    told_.erase(told_.lower_bound({offset, {}}), told_.lower_bound({offset + 1, {}}));
    for (auto it = epochs_.begin(); it != epochs_.end();) {
      it = std::get<0>(it->first) == offset ? epochs_.erase(it) : std::next(it);
    }
  }

  void begin_event(std::size_t index) {
    resume(agents_[index]);
    reported_.clear();
    collected = &reported_;
    epoch_ = csp::race::self().now;
  }

  void compare(std::size_t index, std::size_t offset, std::size_t size, bool write, bool atomic) {
    collected = nullptr;
    const auto reference = agents_[index].reference;
    const EpochKey own = key_of(epoch_);
    // Told by the detector: byte -> the earlier accesses, as it names them.
    std::multimap<std::size_t, csp::race::ShadowWord> answers;
    for (const Reported& reported : reported_) {
      if (key_of(reported.current) != own) fail("a race is reported for another epoch than the access's");
      for (unsigned bit = 0; bit < 8; ++bit) {
        if ((reported.common >> bit & 1) == 0) continue;
        const std::size_t byte = reported.granule + bit - at(arena);
        answers.emplace(byte, reported.earlier);
        told_.insert({byte, own});
        told_.insert({byte, key_of(reported.earlier.epoch())});
      }
    }
    for (std::size_t byte = offset; byte < offset + size; ++byte) {
      const auto races = reference_.access(reference, byte, write, atomic);
      std::set<std::tuple<EpochKey, bool, bool>> allowed;
      for (const auto& race : races) {
        allowed.insert({epochs_[{byte, race.agent, race.time}], race.write, race.atomic});
      }
      for (auto [it, last] = answers.equal_range(byte); it != last; ++it) {
        const csp::race::ShadowWord word = it->second;
        if (!allowed.contains({key_of(word.epoch()), word.write(), word.atomic()})) {
          fail("false alarm at byte " + std::to_string(byte));
        }
      }
      answers.erase(byte);
      if (!races.empty() && !told_.contains({byte, own})) fail("missed at byte " + std::to_string(byte));
      epochs_[{byte, reference, reference_.time_of(reference)}] = own;
    }
    if (!answers.empty()) fail("a race of bytes that were not accessed");
  }

  void fail(const std::string& why) {
    if (failure_.empty()) failure_ = "=> " + why + "\n";
  }

  std::mt19937_64 random_;
  ReferenceDetector reference_;
  std::vector<Agent> agents_;
  std::vector<Reported> reported_;
  csp::race::Epoch epoch_;
  std::map<std::tuple<std::size_t, ReferenceDetector::AgentIndex, std::uint64_t>, EpochKey> epochs_;
  std::set<std::pair<std::size_t, EpochKey>> told_;  // Bytes and epochs of which a race was reported.
  std::ostringstream log_;
  std::string failure_;
};

void expect_agreement(std::uint64_t seed) {
  Play play(seed);
  if (!play.run(static_cast<unsigned>(20 + seed % 200)))
    ADD_FAILURE() << "replay with: CSP_SEED=" << seed << "\n" << play.what();
}

TEST(DetectorAgainstDefinition, AgreesOnRandomPrograms) {
  if (const char* seed = std::getenv("CSP_SEED"); seed != nullptr) {
    const std::uint64_t number = std::strtoull(seed, nullptr, 10);
    return expect_agreement(number);
  }
  for (std::uint64_t seed = 1; seed <= 400 && !HasFailure(); ++seed) {
    expect_agreement(seed);
  }
}

}  // namespace
