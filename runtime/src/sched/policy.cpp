#include "sched/policy.h"

#include <atomic>
#include <cstdlib>

#include <time.h>

#include "base/fatal.h"
#include "base/spin_lock.h"

namespace csp::rt {
namespace {

/// SplitMix64: every 64-bit state gives a full-period sequence, so that seeds 0, 1, 2 ... are as good as any.
std::uint64_t next_random(std::uint64_t& state) {
  std::uint64_t z = state += 0x9e3779b97f4a7c15u;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

/// Without division, and without a bias that matters for the counts we have.
std::uint32_t scale(std::uint64_t random, std::uint32_t count) {
  return static_cast<std::uint32_t>((random >> 32) * count >> 32);
}

/// What $CSP_SCHED says.
struct Settings {
  bool seeded = false;
  std::uint64_t seed = 0;
};

bool starts_with(const char* text, const char* prefix) {
  for (; *prefix != '\0'; ++text, ++prefix) {
    if (*text != *prefix) return false;
  }
  return true;
}

Settings read_settings() {
  const char* text = std::getenv("CSP_SCHED");
  if (text == nullptr || *text == '\0') return {};
  constexpr char kPrefix[] = "seed:";
  if (starts_with(text, kPrefix)) {
    const char* digits = text + sizeof(kPrefix) - 1;
    char* end = nullptr;
    const std::uint64_t seed = std::strtoull(digits, &end, 10);
    if (end != digits && *end == '\0' && *digits != '-') return {true, seed};
  }
  DyingWords(hooks::Death::kFatal, "fatal error: bad CSP_SCHED: ", text).die();
}

enum : int { kUnread, kReading, kRead };
constinit std::atomic<int> settings_state{kUnread};
constinit Settings the_settings;

const Settings& settings() {
  // acquire: pairs with the release below.
  while (settings_state.load(std::memory_order_acquire) != kRead) {
    int expected = kUnread;
    if (settings_state.compare_exchange_strong(expected, kReading, std::memory_order_acquire)) {
      the_settings = read_settings();
      settings_state.store(kRead, std::memory_order_release);
    }
  }
  return the_settings;
}

// The seeded generator, shared by all threads: a lock keeps its sequence whole.
constinit SpinLock seeded_lock;
constinit std::uint64_t seeded_state = 0;
constinit bool seeded_started = false;

// The default generator, one for each thread.
__thread std::uint64_t thread_state = 0;

[[gnu::noinline]] std::uint64_t thread_random() {
  asm volatile("" ::: "memory");  // A goroutine may have changed threads since it last asked.
  if (thread_state == 0) {
    timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    thread_state = static_cast<std::uint64_t>(now.tv_nsec) ^ reinterpret_cast<std::uintptr_t>(&thread_state) ^
                   static_cast<std::uint64_t>(now.tv_sec) << 32;
  }
  return next_random(thread_state);
}

constinit std::atomic<std::int64_t> virtual_clock{0};

}  // namespace

std::uint32_t choose([[maybe_unused]] Choice what, std::uint32_t count) {
  if (count == 1) return 0;
  if (!seeded()) return scale(thread_random(), count);
  seeded_lock.lock();
  if (!seeded_started) {
    seeded_state = settings().seed;
    seeded_started = true;
  }
  const std::uint64_t random = next_random(seeded_state);
  seeded_lock.unlock();
  return scale(random, count);
}

bool seeded() { return settings().seeded; }

bool virtual_time() { return settings().seeded; }

std::int64_t virtual_now() { return virtual_clock.load(std::memory_order_acquire); }

void advance_virtual_time(std::int64_t now) {
  std::int64_t before = virtual_clock.load(std::memory_order_relaxed);
  while (before < now && !virtual_clock.compare_exchange_weak(before, now, std::memory_order_acq_rel)) {
  }
}

}  // namespace csp::rt
