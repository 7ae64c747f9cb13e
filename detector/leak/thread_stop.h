#pragma once
// Holds all other OS threads still, so that memory can be searched.
//
// A signal, not ptrace: containers forbid the latter to a process's own children. The handler leaves the
// thread's registers on the thread's stack, says where that begins, and waits.

#include <cstddef>
#include <cstdint>

#include "private_memory.h"

namespace csp::leak {

struct StoppedThread {
  std::int32_t id;
  std::uintptr_t stack_pointer;  // Registers and live frames are from here up.
};

/// Stops every other thread for its lifetime, but for those that `leave_alone` names. Destroyed, it lets them go on;
/// interrupted system calls that the kernel does not restart (epoll_wait, nanosleep) return EINTR there. One at a time
/// in a process.
class ThreadStop {
 public:
  explicit ThreadStop(bool (*leave_alone)(std::int32_t id));
  ~ThreadStop();
  ThreadStop(const ThreadStop&) = delete;
  ThreadStop& operator=(const ThreadStop&) = delete;

  /// False when some thread did not answer in time: it may be anywhere, so nothing can be concluded.
  bool complete() const { return complete_; }
  const MappedVector<StoppedThread>& threads() const { return threads_; }

 private:
  bool list_threads(bool* grown);
  bool stop_new_ones();

  bool (*leave_alone_)(std::int32_t id);
  MappedVector<StoppedThread> threads_;
  std::size_t signalled_ = 0;
  bool complete_ = false;
};

}  // namespace csp::leak
