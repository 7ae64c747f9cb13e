#include "machine/stack.h"

#include <sys/mman.h>

#include <cerrno>
#include <cstdint>

#include "base/fatal.h"
#include "base/private_data.h"
#include "base/spin_lock.h"

#ifndef MADV_GUARD_INSTALL
#define MADV_GUARD_INSTALL 102  // Linux 6.13
#endif

namespace csp::rt {
namespace {

constexpr std::size_t kReservationSize = std::size_t{64} << 30;
constexpr std::size_t kReservationSizeMin = std::size_t{16} << 20;
constexpr int kReservationsMax = 64;

/// A run of slots. Guarded by the pool's lock.
struct Reservation {
  char* low = nullptr;
  std::size_t size = 0;
  std::size_t used = 0;  // Slots below this have been given out at least once.
};

/// Kept in the topmost bytes of a slot that is not in use: that page is warm already.
struct FreeSlot {
  FreeSlot* next;
};

struct Pool {
  SpinLock lock;
  FreeSlot* free = nullptr;
  Reservation reservations[kReservationsMax];
  int count = 0;
};

CSP_PRIVATE_DATA constinit Pool pool;

/// Makes the lowest pages inaccessible. The advice costs no mapping; the old way splits one, of which the
/// kernel allows about 65,000.
void install_guard(void* low) {
  if (madvise(low, kGuardSize, MADV_GUARD_INSTALL) == 0) return;
  // When there are too many mappings the stack stays without guard: better than no goroutine.
  mprotect(low, kGuardSize, PROT_NONE);
}

void* map(std::size_t size) {
  void* memory = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  return memory == MAP_FAILED ? nullptr : memory;
}

/// Adds a reservation, as large as the machine lets us have. Needs the pool's lock.
bool reserve() {
  if (pool.count == kReservationsMax) return false;
  for (std::size_t size = kReservationSize; size >= kReservationSizeMin; size /= 2) {
    void* low = map(size);
    if (low == nullptr) continue;
    // A huge page for each stack would cost 2 MiB a goroutine.
    madvise(low, size, MADV_NOHUGEPAGE);
    pool.reservations[pool.count++] = {static_cast<char*>(low), size, 0};
    return true;
  }
  return false;
}

Stack slot_at(char* low) { return {{low + kGuardSize, kStackSize - kGuardSize}, true}; }

Stack take_pooled() {
  pool.lock.lock();
  if (FreeSlot* slot = pool.free; slot != nullptr) {
    pool.free = slot->next;
    pool.lock.unlock();
    return slot_at(reinterpret_cast<char*>(slot + 1) - kStackSize);
  }
  const auto full = [](const Reservation& it) { return (it.used + 1) * kStackSize > it.size; };
  if ((pool.count == 0 || full(pool.reservations[pool.count - 1])) && !reserve()) {
    pool.lock.unlock();
    fatal("out of memory for goroutine stacks");
  }
  Reservation& reservation = pool.reservations[pool.count - 1];
  char* low = reservation.low + reservation.used++ * kStackSize;
  pool.lock.unlock();
  install_guard(low);
  return slot_at(low);
}

}  // namespace

Stack take_stack(std::size_t size) {
  if (size <= kStackSize) return take_pooled();
  constexpr std::size_t kPage = 4096;
  if (size > SIZE_MAX / 2) fatal("out of memory for goroutine stacks");
  const std::size_t usable = (size + kPage - 1) / kPage * kPage;
  char* low = static_cast<char*>(map(usable + kGuardSize));
  if (low == nullptr) fatal("out of memory for goroutine stacks");
  install_guard(low);
  return {{low + kGuardSize, usable}, false};
}

void give_stack(Stack stack) {
  char* low = static_cast<char*>(stack.bounds.low) - kGuardSize;
  if (!stack.pooled) {
    munmap(low, stack.bounds.size + kGuardSize);
    return;
  }
  FreeSlot* slot = reinterpret_cast<FreeSlot*>(low + kStackSize) - 1;
  pool.lock.lock();
  slot->next = pool.free;
  pool.free = slot;
  pool.lock.unlock();
}

SpinLock& stack_pool_lock() { return pool.lock; }

bool in_guard(const Stack& stack, const void* address) {
  const auto low = reinterpret_cast<std::uintptr_t>(stack.bounds.low);
  const auto at = reinterpret_cast<std::uintptr_t>(address);
  return stack && at < low && at >= low - kGuardSize;
}

void for_each_stack_range(void (*visit)(void* context, const void* low, const void* high), void* context) {
  pool.lock.lock();
  const int count = pool.count;
  pool.lock.unlock();
  // Reservations are never given back, and the first `count` do not move.
  for (int i = 0; i < count; ++i) {
    const Reservation& it = pool.reservations[i];
    visit(context, it.low, it.low + it.size);
  }
}

}  // namespace csp::rt
