#pragma once
// The few system calls and string helpers that report and leak need: both run below the user's code.
//
// System calls are made by number: a program, or the detector, may have put its own `write` or
// `open` in libc's place. For the same reason nothing here calls mem* or str*.

#include <sys/syscall.h>
#include <unistd.h>

#include "csp/report/own_builtins.h"
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdint>

namespace csp::report {

/// The result, or -errno. Leaves errno as it was: we may run in the middle of the user's code.
template <class... Args>
inline long system_call(long number, Args... args) {
  const int saved = errno;
  const long result = ::syscall(number, args...);
  const long answer = result == -1 ? -static_cast<long>(errno) : result;
  errno = saved;
  return answer;
}

inline std::size_t length(const char* text) {
  std::size_t size = 0;
  while (text[size] != '\0') ++size;
  return size;
}

inline bool equal(const char* a, const char* b) {
  while (*a != '\0' && *a == *b) ++a, ++b;
  return *a == *b;
}

/// Copies at most `capacity` - 1 characters of `from`, and a zero.
inline void copy(char* to, std::size_t capacity, const char* from) {
  std::size_t i = 0;
  for (; i + 1 < capacity && from[i] != '\0'; ++i) to[i] = from[i];
  to[i] = '\0';
}

/// A spin lock that may be taken in a signal handler, and that a forked child can take although
/// a thread it does not have held it: signals are blocked while it is held, and it knows its owner's process.
class SignalSafeLock {
 public:
  void lock() {
    std::uint64_t everything = ~std::uint64_t{0};
    std::uint64_t before = 0;
    system_call(SYS_rt_sigprocmask, SIG_BLOCK, &everything, &before, sizeof before);
    const std::int32_t self = static_cast<std::int32_t>(system_call(SYS_getpid));
    for (;;) {
      std::int32_t owner = 0;
      // acquire: pairs with the release in unlock().
      if (__atomic_compare_exchange_n(&owner_, &owner, self, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)) break;
      if (owner != self) {
        // The owner was a thread of the process we were forked from. It does not exist here.
        if (__atomic_compare_exchange_n(&owner_, &owner, self, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)) break;
        continue;
      }
      system_call(SYS_sched_yield);
    }
    mask_before_ = before;
  }
  void unlock() {
    const std::uint64_t before = mask_before_;
    __atomic_store_n(&owner_, 0, __ATOMIC_RELEASE);
    system_call(SYS_rt_sigprocmask, SIG_SETMASK, &before, nullptr, sizeof before);
  }

 private:
  std::int32_t owner_ = 0;  // The process id of whoever holds it, 0 when free.
  std::uint64_t mask_before_ = 0;
};

class SignalSafeGuard {
 public:
  explicit SignalSafeGuard(SignalSafeLock& lock) : lock_(lock) { lock_.lock(); }
  ~SignalSafeGuard() { lock_.unlock(); }
  SignalSafeGuard(const SignalSafeGuard&) = delete;
  SignalSafeGuard& operator=(const SignalSafeGuard&) = delete;

 private:
  SignalSafeLock& lock_;
};

}  // namespace csp::report
