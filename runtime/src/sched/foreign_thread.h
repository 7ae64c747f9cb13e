#pragma once
// Threads that use the runtime without being part of it: std::thread, main before run(), a test body.

#include <atomic>
#include <cstdint>

#include "sched/park.h"

namespace csp::rt {

/// Records are never given back, only used again: a waker may touch one whose thread has just gone on.
struct ForeignThread : Strand {
  std::atomic<std::uint32_t> ready_word{0};  // 1: made ready. Futex.
  std::atomic<bool> in_use{false};
  std::atomic<bool> blocked{false};  // In park(); what follows is then valid.
  hooks::WaitReason reason = hooks::WaitReason::kNone;
  const void* waiting_on = nullptr;
  const void* park_pc = nullptr;
  ForeignThread* next = nullptr;  // All records.
};

/// The caller's record; made on the first call. Detached when the thread ends.
ForeignThread& this_foreign_thread();

/// In the child of fork(): the others are gone.
void forget_threads_but_caller();

void for_each_foreign_thread(void (*visit)(void* context, ForeignThread& thread), void* context);

}  // namespace csp::rt
