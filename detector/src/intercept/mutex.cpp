// Mutexes, reader-writer locks and spin locks of pthreads, and C11's mutexes, which are the same.

#include <pthread.h>
#include <sys/syscall.h>
#include <threads.h>
#include <cerrno>

#include "base/system_calls.h"
#include "intercept/families.h"
#include "intercept/locks.h"
#include "intercept/real_function.h"

namespace csp::race {

void initialize_mutex() {}

extern "C" {

// Mutexes ---------------------------------------------------------------------------------------

CSP_INTERCEPT(int, pthread_mutex_init, pthread_mutex_t* mutex, const pthread_mutexattr_t* attributes) {
  // A mutex that lived here before, and was never destroyed, orders nothing for this one.
  if (!bypass()) sync_destroyed(address_of(mutex), sizeof *mutex);
  return real_pthread_mutex_init(mutex, attributes);
}

CSP_INTERCEPT(int, pthread_mutex_destroy, pthread_mutex_t* mutex) {
  const int error = real_pthread_mutex_destroy(mutex);
  if (error == 0 && !bypass()) lock_destroyed(address_of(mutex), CSP_CALLER_PC);
  return error;
}

CSP_INTERCEPT(int, pthread_mutex_lock, pthread_mutex_t* mutex) {
  const int error = real_pthread_mutex_lock(mutex);
  if (!bypass()) mutex_acquired(mutex, error, LockHow::kBlocking, CSP_CALLER_PC);
  return error;
}

CSP_INTERCEPT(int, pthread_mutex_trylock, pthread_mutex_t* mutex) {
  const int error = real_pthread_mutex_trylock(mutex);
  if (!bypass()) mutex_acquired(mutex, error, LockHow::kTry, CSP_CALLER_PC);
  return error;
}

CSP_INTERCEPT(int, pthread_mutex_timedlock, pthread_mutex_t* mutex, const timespec* deadline) {
  const int error = real_pthread_mutex_timedlock(mutex, deadline);
  if (!bypass()) mutex_acquired(mutex, error, LockHow::kTry, CSP_CALLER_PC);
  return error;
}

CSP_INTERCEPT(int, pthread_mutex_clocklock, pthread_mutex_t* mutex, clockid_t clock, const timespec* deadline) {
  const int error = real_pthread_mutex_clocklock(mutex, clock, deadline);
  if (!bypass()) mutex_acquired(mutex, error, LockHow::kTry, CSP_CALLER_PC);
  return error;
}

CSP_INTERCEPT(int, pthread_mutex_unlock, pthread_mutex_t* mutex) {
  if (!bypass()) mutex_releasing(mutex, CSP_CALLER_PC);
  return real_pthread_mutex_unlock(mutex);
}

CSP_INTERCEPT(int, mtx_init, mtx_t* mutex, int type) {
  if (!bypass()) sync_destroyed(address_of(mutex), sizeof *mutex);
  return real_mtx_init(mutex, type);
}

CSP_INTERCEPT(void, mtx_destroy, mtx_t* mutex) {
  real_mtx_destroy(mutex);
  if (!bypass()) lock_destroyed(address_of(mutex), CSP_CALLER_PC);
}

CSP_INTERCEPT(int, mtx_lock, mtx_t* mutex) {
  const int result = real_mtx_lock(mutex);
  if (!bypass())
    mutex_acquired(as_pthread(mutex), result == thrd_success ? 0 : EINVAL, LockHow::kBlocking, CSP_CALLER_PC);
  return result;
}

CSP_INTERCEPT(int, mtx_trylock, mtx_t* mutex) {
  const int result = real_mtx_trylock(mutex);
  if (!bypass()) mutex_acquired(as_pthread(mutex), result == thrd_success ? 0 : EBUSY, LockHow::kTry, CSP_CALLER_PC);
  return result;
}

CSP_INTERCEPT(int, mtx_timedlock, mtx_t* mutex, const timespec* deadline) {
  const int result = real_mtx_timedlock(mutex, deadline);
  if (!bypass())
    mutex_acquired(as_pthread(mutex), result == thrd_success ? 0 : ETIMEDOUT, LockHow::kTry, CSP_CALLER_PC);
  return result;
}

CSP_INTERCEPT(int, mtx_unlock, mtx_t* mutex) {
  if (!bypass()) mutex_releasing(as_pthread(mutex), CSP_CALLER_PC);
  return real_mtx_unlock(mutex);
}

// Reader-writer locks ---------------------------------------------------------------------------

CSP_INTERCEPT(int, pthread_rwlock_init, pthread_rwlock_t* lock, const pthread_rwlockattr_t* attributes) {
  if (!bypass()) sync_destroyed(address_of(lock), sizeof *lock);
  return real_pthread_rwlock_init(lock, attributes);
}

CSP_INTERCEPT(int, pthread_rwlock_destroy, pthread_rwlock_t* lock) {
  const int error = real_pthread_rwlock_destroy(lock);
  if (error == 0 && !bypass()) lock_destroyed(address_of(lock), CSP_CALLER_PC);
  return error;
}

CSP_INTERCEPT(int, pthread_rwlock_rdlock, pthread_rwlock_t* lock) {
  const int error = real_pthread_rwlock_rdlock(lock);
  if (error == 0 && !bypass()) lock_acquired(address_of(lock), LockKind::kRwLock, true, false, CSP_CALLER_PC);
  return error;
}

CSP_INTERCEPT(int, pthread_rwlock_tryrdlock, pthread_rwlock_t* lock) {
  const int error = real_pthread_rwlock_tryrdlock(lock);
  if (error == 0 && !bypass()) lock_acquired(address_of(lock), LockKind::kRwLock, true, true, CSP_CALLER_PC);
  return error;
}

CSP_INTERCEPT(int, pthread_rwlock_timedrdlock, pthread_rwlock_t* lock, const timespec* deadline) {
  const int error = real_pthread_rwlock_timedrdlock(lock, deadline);
  if (error == 0 && !bypass()) lock_acquired(address_of(lock), LockKind::kRwLock, true, true, CSP_CALLER_PC);
  return error;
}

CSP_INTERCEPT(int, pthread_rwlock_clockrdlock, pthread_rwlock_t* lock, clockid_t clock, const timespec* deadline) {
  const int error = real_pthread_rwlock_clockrdlock(lock, clock, deadline);
  if (error == 0 && !bypass()) lock_acquired(address_of(lock), LockKind::kRwLock, true, true, CSP_CALLER_PC);
  return error;
}

CSP_INTERCEPT(int, pthread_rwlock_wrlock, pthread_rwlock_t* lock) {
  const int error = real_pthread_rwlock_wrlock(lock);
  if (error == 0 && !bypass()) lock_acquired(address_of(lock), LockKind::kRwLock, false, false, CSP_CALLER_PC);
  return error;
}

CSP_INTERCEPT(int, pthread_rwlock_trywrlock, pthread_rwlock_t* lock) {
  const int error = real_pthread_rwlock_trywrlock(lock);
  if (error == 0 && !bypass()) lock_acquired(address_of(lock), LockKind::kRwLock, false, true, CSP_CALLER_PC);
  return error;
}

CSP_INTERCEPT(int, pthread_rwlock_timedwrlock, pthread_rwlock_t* lock, const timespec* deadline) {
  const int error = real_pthread_rwlock_timedwrlock(lock, deadline);
  if (error == 0 && !bypass()) lock_acquired(address_of(lock), LockKind::kRwLock, false, true, CSP_CALLER_PC);
  return error;
}

CSP_INTERCEPT(int, pthread_rwlock_clockwrlock, pthread_rwlock_t* lock, clockid_t clock, const timespec* deadline) {
  const int error = real_pthread_rwlock_clockwrlock(lock, clock, deadline);
  if (error == 0 && !bypass()) lock_acquired(address_of(lock), LockKind::kRwLock, false, true, CSP_CALLER_PC);
  return error;
}

CSP_INTERCEPT(int, pthread_rwlock_unlock, pthread_rwlock_t* lock) {
  if (!bypass()) {
    // glibc keeps the writer's thread id in the lock; while we hold it for reading there is none.
    const bool shared = __atomic_load_n(&lock->__data.__cur_writer, __ATOMIC_RELAXED) == 0;
    lock_releasing(address_of(lock), LockKind::kRwLock, shared, CSP_CALLER_PC);
  }
  return real_pthread_rwlock_unlock(lock);
}

// Spin locks ------------------------------------------------------------------------------------

CSP_INTERCEPT(int, pthread_spin_init, pthread_spinlock_t* lock, int shared) {
  if (!bypass()) sync_destroyed(address_of(lock), sizeof *lock);
  return real_pthread_spin_init(lock, shared);
}

CSP_INTERCEPT(int, pthread_spin_destroy, pthread_spinlock_t* lock) {
  const int error = real_pthread_spin_destroy(lock);
  if (error == 0 && !bypass()) lock_destroyed(address_of(lock), CSP_CALLER_PC);
  return error;
}

CSP_INTERCEPT(int, pthread_spin_lock, pthread_spinlock_t* lock) {
  const int error = real_pthread_spin_lock(lock);
  if (error == 0 && !bypass()) lock_acquired(address_of(lock), LockKind::kSpinLock, false, false, CSP_CALLER_PC);
  return error;
}

CSP_INTERCEPT(int, pthread_spin_trylock, pthread_spinlock_t* lock) {
  const int error = real_pthread_spin_trylock(lock);
  if (error == 0 && !bypass()) lock_acquired(address_of(lock), LockKind::kSpinLock, false, true, CSP_CALLER_PC);
  return error;
}

CSP_INTERCEPT(int, pthread_spin_unlock, pthread_spinlock_t* lock) {
  if (!bypass()) lock_releasing(address_of(lock), LockKind::kSpinLock, false, CSP_CALLER_PC);
  return real_pthread_spin_unlock(lock);
}

}  // extern "C"
}  // namespace csp::race
