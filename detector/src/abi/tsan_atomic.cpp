// The TSan ABI: atomics, with the memory model of C++20.
//
// An operation is done under its SyncVar's mutex, so that a value and the clock that was released with
// it are never seen apart:
//   - a store publishes the storing agent's clock (release), what its last release fence saw
//     (relaxed after a fence), or nothing; it ends the release sequence before it;
//   - a read-modify-write goes on with the release sequence: it adds to what is there;
//   - a load takes in what is there (acquire), or keeps it for a later acquire fence.
// seq_cst orders as acq_rel does; the single total order adds no happens-before edge.

#include "base/base.h"
#include "core/busy.h"
#include "core/check_access.h"
#include "core/detector.h"
#include "core/sync.h"

#define CSP_ABI extern "C" [[gnu::visibility("default")]]
#define CSP_CALLER reinterpret_cast<Address>(__builtin_return_address(0))

namespace csp::race {
namespace {

// As the compilers pass it: C++'s order of the enumerators. Higher bits are hints (hardware lock elision).
enum class Order : int { kRelaxed, kConsume, kAcquire, kRelease, kAcqRel, kSeqCst };
Order order_of(int bits) { return static_cast<Order>(bits & 0x7fff); }
bool acquires(Order order) { return order != Order::kRelaxed && order != Order::kRelease; }
bool releases(Order order) { return order == Order::kRelease || order == Order::kAcqRel || order == Order::kSeqCst; }

__extension__ using Wide = unsigned __int128;

void keep_for_acquire_fence(ThreadState& thread, const SyncVar& var) {
  if (var.clock.empty()) return;
  if (thread.fence_acquire == nullptr) thread.fence_acquire = make<VectorClock>();
  thread.fence_acquire->join(var.clock);
}

void take_in(ThreadState& thread, const SyncVar& var, Order order) {
  if (acquires(order)) {
    acquire_from(thread, var);
  } else {
    keep_for_acquire_fence(thread, var);
  }
}

/// The operation itself is the hardware's, at full strength: the mutex around it has ordered it already.
/// 16 bytes have no inline form on every machine; the SyncVar's mutex is what makes them atomic among
/// instrumented code, a lock-free instruction among all.
template <class T>
struct Hardware {
  static T load(const volatile T* p) { return __atomic_load_n(p, __ATOMIC_SEQ_CST); }
  static void store(volatile T* p, T value) { __atomic_store_n(p, value, __ATOMIC_SEQ_CST); }
  static bool compare_exchange(volatile T* p, T* expected, T desired) {
    return __atomic_compare_exchange_n(p, expected, desired, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
  }
};

#if defined(__x86_64__)
template <>
struct Hardware<Wide> {
  static bool compare_exchange(volatile Wide* p, Wide* expected, Wide desired) {
    auto low = static_cast<std::uint64_t>(*expected);
    auto high = static_cast<std::uint64_t>(*expected >> 64);
    bool done;
    __asm__ volatile("lock cmpxchg16b %0"
                     : "+m"(*p), "+a"(low), "+d"(high), "=@ccz"(done)
                     : "b"(static_cast<std::uint64_t>(desired)), "c"(static_cast<std::uint64_t>(desired >> 64))
                     : "memory");
    if (!done) *expected = Wide{high} << 64 | low;
    return done;
  }
  static Wide load(const volatile Wide* p) {
    Wide value = 0;
    compare_exchange(const_cast<volatile Wide*>(p), &value, value);
    return value;
  }
  static void store(volatile Wide* p, Wide value) {
    Wide seen = load(p);
    while (!compare_exchange(p, &seen, value)) {
    }
  }
};
#endif

template <class T>
Address at(const volatile T* p) {
  return reinterpret_cast<Address>(p);
}

template <class T>
T atomic_load(const volatile T* p, Order order, Address pc) {
  if (bypass()) return Hardware<T>::load(p);
  ThreadState& thread = self();
  T value;
  {
    BusyScope busy;
    SyncVar* var = busy.entered() && thread.ignore_sync == 0 ? find_sync_var(at(p)) : nullptr;
    if (var == nullptr) {
      // Nothing was released here. If it is being released just now, we come before.
      value = Hardware<T>::load(p);
      var = busy.entered() && thread.ignore_sync == 0 ? find_sync_var(at(p)) : nullptr;
    }
    if (var != nullptr) {
      SpinGuard guard(var->mutex);
      value = Hardware<T>::load(p);
      take_in(thread, *var, order);
    }
  }
  check_access_slow(at(p), sizeof(T), AccessKind::kRead, true, pc);
  return value;
}

template <class T>
void atomic_store(volatile T* p, T value, Order order, Address pc) {
  if (bypass()) return Hardware<T>::store(p, value);
  ThreadState& thread = self();
  // The access comes before what it releases.
  check_access_slow(at(p), sizeof(T), AccessKind::kWrite, true, pc);
  BusyScope busy;
  if (!busy.entered() || thread.ignore_sync > 0) return Hardware<T>::store(p, value);
  if (releases(order)) {
    SyncVar& var = sync_var(at(p));
    {
      SpinGuard guard(var.mutex);
      release_to(thread, var);
      Hardware<T>::store(p, value);
    }
    return next_epoch(thread);
  }
  SyncVar* var = thread.fence_release != nullptr ? &sync_var(at(p)) : find_sync_var(at(p));
  if (var == nullptr) return Hardware<T>::store(p, value);
  SpinGuard guard(var->mutex);
  if (thread.fence_release != nullptr) {
    var->clock.assign(*thread.fence_release);
  } else {
    var->clock.clear();  // It ends the release sequence.
  }
  var->sole = {};
  Hardware<T>::store(p, value);
}

/// What a successful read-modify-write lets out, under the mutex.
void let_out(ThreadState& thread, SyncVar& var, Order order) {
  if (releases(order)) {
    merge_into(thread, var);
  } else if (thread.fence_release != nullptr) {
    var.clock.join(*thread.fence_release);
    var.sole = {};
  }
}

/// `change` makes the new value from the old. Returns the old.
template <class T, class Change>
T atomic_rmw(volatile T* p, Order order, Address pc, Change change) {
  const auto exchange = [=] {
    T old = Hardware<T>::load(p);
    while (!Hardware<T>::compare_exchange(p, &old, change(old))) {
    }
    return old;
  };
  if (bypass()) return exchange();
  ThreadState& thread = self();
  BusyScope busy;
  if (!busy.entered() || thread.ignore_sync > 0) return exchange();
  // A relaxed one where nobody released orders nothing, and needs no SyncVar.
  const bool orders = order != Order::kRelaxed || thread.fence_release != nullptr;
  SyncVar* var = orders ? &sync_var(at(p)) : find_sync_var(at(p));
  if (var == nullptr) {
    const T old = exchange();
    check_access_busy(thread, at(p), sizeof(T), AccessKind::kWrite, pc);
    return old;
  }
  T old;
  {
    SpinGuard guard(var->mutex);
    old = exchange();
    take_in(thread, *var, order);
    // The access lies between what it takes in and what it lets out. Not later: once the mutex is free,
    // whoever dropped the last reference may free the memory.
    check_access_busy(thread, at(p), sizeof(T), AccessKind::kWrite, pc);
    let_out(thread, *var, order);
  }
  if (releases(order)) next_epoch(thread);
  return old;
}

/// Returns whether it exchanged; `*expected` becomes what was there.
template <class T>
bool atomic_compare_exchange(volatile T* p, T* expected, T desired, Order success, Order failure, Address pc) {
  if (bypass()) return Hardware<T>::compare_exchange(p, expected, desired);
  ThreadState& thread = self();
  BusyScope busy;
  if (!busy.entered() || thread.ignore_sync > 0) return Hardware<T>::compare_exchange(p, expected, desired);
  SyncVar& var = sync_var(at(p));
  bool done;
  {
    SpinGuard guard(var.mutex);
    done = Hardware<T>::compare_exchange(p, expected, desired);
    take_in(thread, var, done ? success : failure);
    check_access_busy(thread, at(p), sizeof(T), done ? AccessKind::kWrite : AccessKind::kRead, pc);
    if (done) let_out(thread, var, success);
  }
  if (done && releases(success)) next_epoch(thread);
  return done;
}

void atomic_fence(Order order) {
  if (bypass()) return;
  ThreadState& thread = self();
  BusyScope busy;
  if (!busy.entered()) return;
  if (acquires(order) && thread.fence_acquire != nullptr) {
    thread.clock.join(*thread.fence_acquire);
    thread.fence_acquire->clear();
  }
  if (releases(order)) {
    if (thread.fence_release == nullptr) thread.fence_release = make<VectorClock>();
    thread.fence_release->assign_release(thread.clock, thread.now);
    next_epoch(thread);
  }
}

}  // namespace
}  // namespace csp::race

using namespace csp::race;

#define CSP_ATOMIC_RMW(bits, T, name, expression)                                                            \
  CSP_ABI T __tsan_atomic##bits##_##name(volatile T* p, T value, int order) {                                 \
    return atomic_rmw(p, order_of(order), CSP_CALLER, [value](T old) { return static_cast<T>(expression); }); \
  }

#define CSP_ATOMIC(bits, T)                                                                                       \
  CSP_ABI T __tsan_atomic##bits##_load(const volatile T* p, int order) {                                          \
    return atomic_load(p, order_of(order), CSP_CALLER);                                                           \
  }                                                                                                               \
  CSP_ABI void __tsan_atomic##bits##_store(volatile T* p, T value, int order) {                                   \
    atomic_store(p, value, order_of(order), CSP_CALLER);                                                          \
  }                                                                                                               \
  CSP_ABI T __tsan_atomic##bits##_exchange(volatile T* p, T value, int order) {                                   \
    return atomic_rmw(p, order_of(order), CSP_CALLER, [value](T) { return value; });                              \
  }                                                                                                               \
  CSP_ATOMIC_RMW(bits, T, fetch_add, old + value)                                                                 \
  CSP_ATOMIC_RMW(bits, T, fetch_sub, old - value)                                                                 \
  CSP_ATOMIC_RMW(bits, T, fetch_and, old & value)                                                                 \
  CSP_ATOMIC_RMW(bits, T, fetch_or, old | value)                                                                  \
  CSP_ATOMIC_RMW(bits, T, fetch_xor, old ^ value)                                                                 \
  CSP_ATOMIC_RMW(bits, T, fetch_nand, ~(old & value))                                                             \
  CSP_ABI int __tsan_atomic##bits##_compare_exchange_strong(volatile T* p, T* expected, T desired, int success,   \
                                                            int failure) {                                        \
    return atomic_compare_exchange(p, expected, desired, order_of(success), order_of(failure), CSP_CALLER);       \
  }                                                                                                               \
  CSP_ABI int __tsan_atomic##bits##_compare_exchange_weak(volatile T* p, T* expected, T desired, int success,     \
                                                          int failure) {                                          \
    return atomic_compare_exchange(p, expected, desired, order_of(success), order_of(failure), CSP_CALLER);       \
  }                                                                                                               \
  CSP_ABI T __tsan_atomic##bits##_compare_exchange_val(volatile T* p, T expected, T desired, int success,         \
                                                       int failure) {                                             \
    atomic_compare_exchange(p, &expected, desired, order_of(success), order_of(failure), CSP_CALLER);             \
    return expected;                                                                                              \
  }

CSP_ATOMIC(8, std::uint8_t)
CSP_ATOMIC(16, std::uint16_t)
CSP_ATOMIC(32, std::uint32_t)
CSP_ATOMIC(64, std::uint64_t)
CSP_ATOMIC(128, Wide)

CSP_ABI void __tsan_atomic_thread_fence(int order) {
  __atomic_thread_fence(__ATOMIC_SEQ_CST);
  atomic_fence(order_of(order));
}
CSP_ABI void __tsan_atomic_signal_fence(int) {}
