// Condition variables give a mutex back and take it again. They order nothing themselves: a wait may end without a
// signal.
//
// Compiled with exceptions: a wait that is cancelled unwinds with the mutex taken again.

#include <pthread.h>
#include <threads.h>

#include "intercept/families.h"
#include "intercept/locks.h"
#include "intercept/real_function.h"

namespace csp::race {
namespace {

class MutexGivenBack {
 public:
  MutexGivenBack(pthread_mutex_t* mutex, Address pc) : mutex_(mutex), pc_(pc), given_(mutex_releasing(mutex, pc)) {}
  // However the wait ended, the mutex is ours.
  ~MutexGivenBack() {
    if (given_) mutex_acquired(mutex_, 0, LockHow::kTry, pc_);
  }
  MutexGivenBack(const MutexGivenBack&) = delete;
  MutexGivenBack& operator=(const MutexGivenBack&) = delete;

 private:
  pthread_mutex_t* mutex_;
  Address pc_;
  bool given_;
};

}  // namespace

void initialize_cond() {}

extern "C" {

// glibc has two of each; the older is for programs linked before 2003.
CSP_INTERCEPT_VERSION("GLIBC_2.3.2", int, pthread_cond_wait, pthread_cond_t* cond, pthread_mutex_t* mutex) {
  if (bypass()) return real_pthread_cond_wait(cond, mutex);
  const MutexGivenBack given_back(mutex, CSP_CALLER_PC);
  return real_pthread_cond_wait(cond, mutex);
}

CSP_INTERCEPT_VERSION("GLIBC_2.3.2", int, pthread_cond_timedwait, pthread_cond_t* cond, pthread_mutex_t* mutex,
                      const timespec* deadline) {
  if (bypass()) return real_pthread_cond_timedwait(cond, mutex, deadline);
  const MutexGivenBack given_back(mutex, CSP_CALLER_PC);
  return real_pthread_cond_timedwait(cond, mutex, deadline);
}

CSP_INTERCEPT(int, pthread_cond_clockwait, pthread_cond_t* cond, pthread_mutex_t* mutex, clockid_t clock,
              const timespec* deadline) {
  if (bypass()) return real_pthread_cond_clockwait(cond, mutex, clock, deadline);
  const MutexGivenBack given_back(mutex, CSP_CALLER_PC);
  return real_pthread_cond_clockwait(cond, mutex, clock, deadline);
}

CSP_INTERCEPT(int, cnd_wait, cnd_t* cond, mtx_t* mutex) {
  if (bypass()) return real_cnd_wait(cond, mutex);
  const MutexGivenBack given_back(as_pthread(mutex), CSP_CALLER_PC);
  return real_cnd_wait(cond, mutex);
}

CSP_INTERCEPT(int, cnd_timedwait, cnd_t* cond, mtx_t* mutex, const timespec* deadline) {
  if (bypass()) return real_cnd_timedwait(cond, mutex, deadline);
  const MutexGivenBack given_back(as_pthread(mutex), CSP_CALLER_PC);
  return real_cnd_timedwait(cond, mutex, deadline);
}

}  // extern "C"
}  // namespace csp::race
