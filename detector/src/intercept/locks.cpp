#include "intercept/locks.h"

#include <sys/syscall.h>
#include <cerrno>

#include "base/system_calls.h"

namespace csp::race {
namespace {

// The lowest bits of glibc's __kind: PTHREAD_MUTEX_*_NP.
constexpr int kTypeMask = 3;

int type_of(const pthread_mutex_t* mutex) {
  return __atomic_load_n(&mutex->__data.__kind, __ATOMIC_RELAXED) & kTypeMask;
}

bool held_by_caller(const pthread_mutex_t* mutex) {
  return __atomic_load_n(&mutex->__data.__owner, __ATOMIC_RELAXED) == system_call(SYS_gettid);
}

/// Whether the caller, who holds it, holds it more than once.
bool nested(const pthread_mutex_t* mutex) { return mutex->__data.__count > 1; }

}  // namespace

void mutex_acquired(pthread_mutex_t* mutex, int error, LockHow how, Address pc) {
  // EOWNERDEAD: a robust mutex, taken from a thread that died with it.
  if (error != 0 && error != EOWNERDEAD) return;
  if (type_of(mutex) == PTHREAD_MUTEX_RECURSIVE_NP && nested(mutex)) return;
  lock_acquired(reinterpret_cast<Address>(mutex), LockKind::kMutex, false, how == LockHow::kTry, pc);
}

bool mutex_releasing(pthread_mutex_t* mutex, Address pc) {
  const int type = type_of(mutex);
  if (type == PTHREAD_MUTEX_RECURSIVE_NP || type == PTHREAD_MUTEX_ERRORCHECK_NP) {
    if (!held_by_caller(mutex)) return false;
    if (type == PTHREAD_MUTEX_RECURSIVE_NP && nested(mutex)) return false;
  }
  lock_releasing(reinterpret_cast<Address>(mutex), LockKind::kMutex, false, pc);
  return true;
}

}  // namespace csp::race
