// Barriers, as our own.
//
// What a thread learns at a barrier is what the others of its round did before, and nothing of other
// rounds. Which round a thread is in only the barrier itself knows, so it has to be ours. A barrier
// shared between processes stays glibc's, and orders nothing here.

#include <linux/futex.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <cerrno>
#include <climits>

#include "base/system_calls.h"
#include "core/meta_table.h"
#include "intercept/address_table.h"
#include "intercept/families.h"
#include "intercept/real_function.h"

namespace csp::race {
namespace {

/// One generation of waiters. Its address is the synchronisation object: a round has a clock of its own.
struct Round {
  std::atomic<std::uint32_t> complete{0};  // A futex.
  // Guarded by Barrier::mutex. Each counts up to Barrier::count, in this order.
  std::uint32_t entered = 0;
  std::uint32_t arrived = 0;  // Have released what they did before.
  std::uint32_t left = 0;
};

/// Made by pthread_barrier_init, gone with pthread_barrier_destroy.
struct Barrier {
  Address key = 0;
  Barrier* next = nullptr;
  std::uint32_t count = 0;  // Threads to a round.

  SpinMutex mutex;           // Guards the rest.
  Round* round = nullptr;    // That threads enter; null when the next one begins a new one.
  std::uint32_t inside = 0;  // Threads in all rounds.
};

constinit AddressTable<Barrier> barriers;
constinit RealFunction<int(const pthread_barrierattr_t*, int*)> real_getpshared{"pthread_barrierattr_getpshared"};

Round& enter(Barrier& barrier) {
  const BusyScope busy;
  SpinGuard guard(barrier.mutex);
  if (barrier.round == nullptr) barrier.round = make<Round>();
  Round* round = barrier.round;
  ++barrier.inside;
  if (++round->entered == barrier.count) barrier.round = nullptr;
  return *round;
}

/// Whether the caller was the last: then the round is complete.
bool arrive(Barrier& barrier, Round& round) {
  const BusyScope busy;
  SpinGuard guard(barrier.mutex);
  return ++round.arrived == barrier.count;
}

void let_go(Round& round) {
  // release: pairs with the acquire in wait_for().
  round.complete.store(1, std::memory_order_release);
  system_call(SYS_futex, reinterpret_cast<long>(&round.complete), FUTEX_WAKE_PRIVATE, INT_MAX);
}

void wait_for(Round& round) {
  while (round.complete.load(std::memory_order_acquire) == 0) {
    system_call(SYS_futex, reinterpret_cast<long>(&round.complete), FUTEX_WAIT_PRIVATE, 0);
  }
}

void leave(Barrier& barrier, Round& round) {
  const BusyScope busy;
  bool over;
  {
    SpinGuard guard(barrier.mutex);
    over = ++round.left == barrier.count;
  }
  if (over) {
    forget_sync_vars(address_of(&round), sizeof round);
    unmake(&round);
  }
  // Last of all: from here on the barrier may be gone.
  SpinGuard guard(barrier.mutex);
  --barrier.inside;
}

int wait(Barrier& barrier) {
  Round& round = enter(barrier);
  release_merge(address_of(&round));
  const bool last = arrive(barrier, round);
  if (last) {
    let_go(round);
  } else {
    wait_for(round);
  }
  acquire(address_of(&round));
  leave(barrier, round);
  return last ? PTHREAD_BARRIER_SERIAL_THREAD : 0;
}

/// POSIX lets a barrier be destroyed by the first thread that comes out of it, while others are on their way.
void wait_until_empty(Barrier& barrier) {
  for (unsigned round = 0;; ++round) {
    {
      const BusyScope busy;
      SpinGuard guard(barrier.mutex);
      if (barrier.inside == 0) return;
    }
    relax(round);
  }
}

bool shared_between_processes(const pthread_barrierattr_t* attributes) {
  int shared = PTHREAD_PROCESS_PRIVATE;
  return attributes != nullptr && real_getpshared(attributes, &shared) == 0 && shared == PTHREAD_PROCESS_SHARED;
}

}  // namespace

void initialize_barrier() {}

extern "C" {

CSP_INTERCEPT(int, pthread_barrier_init, pthread_barrier_t* barrier, const pthread_barrierattr_t* attributes,
              unsigned count) {
  const int error = real_pthread_barrier_init(barrier, attributes, count);
  if (error != 0 || bypass()) return error;
  // One that lived here before and was never destroyed.
  if (Barrier* old = barriers.find(address_of(barrier)); old != nullptr) barriers.destroy_record(*old);
  if (shared_between_processes(attributes)) return 0;
  if (Barrier* own = barriers.make_record(address_of(barrier)); own != nullptr) own->count = count;
  return 0;
}

CSP_INTERCEPT(int, pthread_barrier_destroy, pthread_barrier_t* barrier) {
  if (!bypass()) {
    if (Barrier* own = barriers.find(address_of(barrier)); own != nullptr) {
      wait_until_empty(*own);
      barriers.destroy_record(*own);
    }
  }
  return real_pthread_barrier_destroy(barrier);
}

CSP_INTERCEPT(int, pthread_barrier_wait, pthread_barrier_t* barrier) {
  Barrier* own = bypass() ? nullptr : barriers.find(address_of(barrier));
  return own != nullptr ? wait(*own) : real_pthread_barrier_wait(barrier);
}

}  // extern "C"
}  // namespace csp::race
