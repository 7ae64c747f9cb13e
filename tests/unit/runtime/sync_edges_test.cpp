// What the sync types announce: the edges of Go's memory model, and no others.

#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "csp/hooks.h"
#include "csp/sync.h"

namespace csp {
namespace {

// Records what the test's own thread announces while a Recording lives.
struct Event {
  std::string verb;
  const void* address;
};

std::vector<Event>* recording = nullptr;

void note(const char* verb, const void* address) {
  if (recording != nullptr) recording->push_back({verb, address});
}

[[maybe_unused]] const int installed = [] {
  static const hooks::Observer observer = [] {
    hooks::Observer it = hooks::kSilent;
    it.acquire = [](const void* address) { note("acquire", address); };
    it.release = [](const void* address) { note("release", address); };
    it.release_merge = [](const void* address) { note("merge", address); };
    it.locked = [](const void* lock, hooks::LockMode mode, hooks::LockHow how, const void* pc) {
      EXPECT_NE(pc, nullptr);
      note(mode == hooks::LockMode::kShared ? (how == hooks::LockHow::kTry ? "try locked shared" : "locked shared")
                                            : (how == hooks::LockHow::kTry ? "try locked" : "locked"),
           lock);
    };
    it.unlocked = [](const void* lock, hooks::LockMode mode) {
      note(mode == hooks::LockMode::kShared ? "unlocked shared" : "unlocked", lock);
    };
    it.lock_destroyed = [](const void* lock) { note("destroyed", lock); };
    return it;
  }();
  return hooks::install(&observer);
}();

template <class F>
std::vector<Event> announced_by(F f) {
  std::vector<Event> events;
  recording = &events;
  f();
  recording = nullptr;
  return events;
}

std::vector<std::string> verbs(const std::vector<Event>& events) {
  std::vector<std::string> result;
  for (const Event& event : events) result.push_back(event.verb);
  return result;
}

using Verbs = std::vector<std::string>;

TEST(MutexEdges, LockAcquiresWhatUnlockReleased) {
  std::optional<Mutex> mutex(std::in_place);
  EXPECT_EQ(verbs(announced_by([&] { mutex->lock(); })), (Verbs{"acquire", "locked"}));
  EXPECT_EQ(verbs(announced_by([&] { EXPECT_FALSE(mutex->try_lock()); })), Verbs{});
  EXPECT_EQ(verbs(announced_by([&] { mutex->unlock(); })), (Verbs{"unlocked", "release"}));
  EXPECT_EQ(verbs(announced_by([&] { EXPECT_TRUE(mutex->try_lock()); })), (Verbs{"acquire", "try locked"}));
  mutex->unlock();
  EXPECT_EQ(verbs(announced_by([&] { mutex.reset(); })), Verbs{"destroyed"});
}

TEST(RwMutexEdges, ReadersDoNotOrderEachOther) {
  RwMutex mutex;
  const auto read = announced_by([&] {
    mutex.lock_shared();
    mutex.unlock_shared();
  });
  EXPECT_EQ(verbs(read), (Verbs{"acquire", "locked shared", "unlocked shared", "merge"}));
  EXPECT_NE(read[0].address, read[3].address);  // What a reader releases no reader acquires.

  const auto write = announced_by([&] {
    mutex.lock();
    mutex.unlock();
  });
  EXPECT_EQ(verbs(write), (Verbs{"acquire", "acquire", "locked", "unlocked", "release"}));
  EXPECT_EQ(write[0].address, write[4].address);  // Writer to writer,
  EXPECT_EQ(read[0].address, write[4].address);   // writer to reader,
  EXPECT_EQ(write[1].address, read[3].address);   // reader to writer.
}

TEST(WaitGroupEdges, DoneReleasesAndAddDoesNot) {
  WaitGroup group;
  EXPECT_EQ(verbs(announced_by([&] { group.add(1); })), Verbs{});
  EXPECT_EQ(verbs(announced_by([&] { group.done(); })), Verbs{"merge"});
  EXPECT_EQ(verbs(announced_by([&] { group.wait(); })), Verbs{"acquire"});
}

TEST(OnceEdges, LaterCallsAcquireTheFirst) {
  Once once;
  EXPECT_EQ(verbs(announced_by([&] { once.call([] {}); })), Verbs{"release"});
  EXPECT_EQ(verbs(announced_by([&] { once.call([] {}); })), Verbs{"acquire"});
}

TEST(CondEdges, ASignalThatWakesNobodyOrdersNothing) {
  Mutex mutex;
  Cond cond(mutex);
  EXPECT_EQ(verbs(announced_by([&] {
              cond.signal();
              cond.broadcast();
            })),
            Verbs{});
}

TEST(SemaphoreEdges, AReleaseReachesOnlyTheAcquireThatItLetsIn) {
  Semaphore semaphore(2);
  const auto events = announced_by([&] {
    for (int i = 0; i < 3; ++i) {
      semaphore.acquire();
      semaphore.release();
    }
  });
  EXPECT_EQ(verbs(events), (Verbs{"acquire", "merge", "acquire", "merge", "acquire", "merge"}));
  EXPECT_NE(events[1].address, events[2].address);  // The second would have come in without the first release;
  EXPECT_EQ(events[1].address, events[4].address);  // the third would not.
  EXPECT_EQ(verbs(announced_by([&] {
              semaphore.acquire(2);
              EXPECT_FALSE(semaphore.try_acquire());
              semaphore.release(2);
            })),
            (Verbs{"acquire", "acquire", "merge", "merge"}));
}

TEST(SemaphoreEdges, UnitsOfALargeOneShareSlots) {
  Semaphore semaphore(1000);
  const auto all = announced_by([&] {
    semaphore.acquire(1000);
    semaphore.release(1000);
  });
  EXPECT_EQ(all.size(), 32u);
  const auto few = announced_by([&] {
    semaphore.acquire(1);
    semaphore.release(1);
  });
  EXPECT_EQ(few.size(), 2u);
}

TEST(SyncMapEdges, AWriteReachesTheReadsThatSeeIt) {
  SyncMap<int, int> map;
  const auto stored = announced_by([&] { map.store(1, 1); });
  ASSERT_EQ(verbs(stored), (Verbs{"acquire", "release"}));  // No key yet: whoever erased it comes before.
  map.store(2, 2);
  const auto loaded = announced_by([&] { EXPECT_EQ(map.load(1), 1); });
  ASSERT_FALSE(loaded.empty());
  EXPECT_EQ(loaded[0].address, stored[1].address);
  for (const Event& event : loaded) EXPECT_NE(event.verb, "release");
  const auto erased = announced_by([&] { map.erase(1); });
  const auto missed = announced_by([&] { EXPECT_EQ(map.load(1), std::nullopt); });
  ASSERT_EQ(verbs(missed), Verbs{"acquire"});
  bool reaches = false;
  for (const Event& event : erased) reaches |= event.verb == "merge" && event.address == missed[0].address;
  EXPECT_TRUE(reaches);
}

TEST(CheckedMapEdges, ThereAreNone) {
  CheckedMap<int, int> map;
  EXPECT_EQ(verbs(announced_by([&] {
              map[1] = 1;
              for (auto& [key, value] : map) value = key;
              map.erase(1);
            })),
            Verbs{});
}

}  // namespace
}  // namespace csp
