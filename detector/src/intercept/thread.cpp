// Threads: pthread_create and what ends or waits for one, and C11's names for the same.
//
// The parent waits for the child to have entered itself under its pthread_t. So whoever has got hold of the
// pthread_t, the child included, finds the entry; and what the child is given to start with can lie
// on the parent's stack.

#include <linux/futex.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <threads.h>
#include <climits>

#include "base/system_calls.h"
#include "intercept/address_table.h"
#include "intercept/families.h"
#include "intercept/memory.h"
#include "intercept/real_function.h"

namespace csp::race {
namespace {

/// A thread from its start until it has both finished and been joined or detached.
struct ThreadEntry {
  Address key = 0;  // Its pthread_t.
  ThreadEntry* next = nullptr;
  ThreadState* thread = nullptr;
  // It finishes, and it is detached, in either order: who comes second clears up.
  std::atomic<bool> half_over{false};
};

constinit AddressTable<ThreadEntry> threads;
__thread ThreadEntry* own_entry = nullptr;
pthread_key_t finish_key;

struct Start {
  void* (*routine)(void*);  // One of the two is null.
  int (*c11_routine)(void*);
  void* argument;
  ThreadState* thread;
  bool detached;
  std::atomic<std::uint32_t> entered{0};
};

void let_parent_go(Start& start) {
  std::atomic<std::uint32_t>* const word = &start.entered;
  // release: pairs with the acquire in wait_for_child(). From here on `start` may be gone; waking an address is
  // harmless.
  word->store(1, std::memory_order_release);
  system_call(SYS_futex, reinterpret_cast<long>(word), FUTEX_WAKE_PRIVATE, 1);
}

void wait_for_child(Start& start) {
  while (start.entered.load(std::memory_order_acquire) == 0) {
    system_call(SYS_futex, reinterpret_cast<long>(&start.entered), FUTEX_WAIT_PRIVATE, 0);
  }
}

void enter_thread(Start& start) {
  Address stack_low = 0;
  std::size_t stack_size = 0;
  {
    const BypassScope bypassed;
    pthread_attr_t attributes;
    void* low = nullptr;
    if (pthread_getattr_np(pthread_self(), &attributes) == 0) {
      pthread_attr_getstack(&attributes, &low, &stack_size);
      pthread_attr_destroy(&attributes);
    }
    stack_low = address_of(low);
  }
  thread_start(*start.thread, stack_low, stack_size);
  own_entry = threads.make_record(pthread_self());
  if (own_entry == nullptr) return;
  own_entry->thread = start.thread;
  own_entry->half_over.store(start.detached, std::memory_order_relaxed);
  pthread_setspecific(finish_key, reinterpret_cast<void*>(Address{PTHREAD_DESTRUCTOR_ITERATIONS}));
}

void finished_or_detached(ThreadEntry& entry) {
  // acq_rel: what the first did to the entry is seen by the second.
  if (!entry.half_over.exchange(true, std::memory_order_acq_rel)) return;
  thread_detach(*entry.thread);
  threads.destroy_record(entry);
}

/// The destructor of `finish_key`. The program's own keys have destructors too, in no order: we wait for the last
/// round of them. Comes after thread_local destructors, and by pthread_exit and cancellation as well.
void leave_thread(void* rounds_left) {
  const auto rounds = reinterpret_cast<Address>(rounds_left);
  if (rounds > 1) {
    pthread_setspecific(finish_key, reinterpret_cast<void*>(rounds - 1));
    return;
  }
  ThreadEntry& entry = *own_entry;
  own_entry = nullptr;
  thread_finish(*entry.thread);
  finished_or_detached(entry);
}

void* run_thread(void* raw) {
  auto* start = static_cast<Start*>(raw);
  void* (*const routine)(void*) = start->routine;
  void* const argument = start->argument;
  enter_thread(*start);
  let_parent_go(*start);
  return routine(argument);
}

int run_c11_thread(void* raw) {
  auto* start = static_cast<Start*>(raw);
  int (*const routine)(void*) = start->c11_routine;
  void* const argument = start->argument;
  enter_thread(*start);
  let_parent_go(*start);
  return routine(argument);
}

/// After a successful join. `entry` is null for a thread made behind our back.
void joined(ThreadEntry* entry) {
  if (entry == nullptr) return;
  thread_join(*entry->thread);
  threads.destroy_record(*entry);
}

}  // namespace

void initialize_thread() { pthread_key_create(&finish_key, leave_thread); }

extern "C" {

CSP_INTERCEPT(int, pthread_create, pthread_t* thread, const pthread_attr_t* attributes, void* (*routine)(void*),
              void* argument) {
  if (bypass()) return real_pthread_create(thread, attributes, routine, argument);
  int state = PTHREAD_CREATE_JOINABLE;
  if (attributes != nullptr) pthread_attr_getdetachstate(attributes, &state);
  // Before the child's beginning: glibc stores the pthread_t before it starts the thread.
  if (checks_memory(CSP_CALLER_PC)) write_by_library(thread, sizeof *thread, CSP_CALLER_PC);
  ThreadState& child = thread_create(CSP_CALLER_PC);
  Start start{routine, nullptr, argument, &child, state == PTHREAD_CREATE_DETACHED};
  const int error = real_pthread_create(thread, attributes, run_thread, &start);
  if (error != 0) {
    thread_discard(child);
    return error;
  }
  wait_for_child(start);
  return 0;
}

CSP_INTERCEPT(int, pthread_join, pthread_t thread, void** result) {
  if (bypass()) return real_pthread_join(thread, result);
  ThreadEntry* entry = threads.find(thread);
  const int error = real_pthread_join(thread, result);
  if (error == 0) joined(entry);
  return error;
}

CSP_INTERCEPT(int, pthread_tryjoin_np, pthread_t thread, void** result) {
  if (bypass()) return real_pthread_tryjoin_np(thread, result);
  ThreadEntry* entry = threads.find(thread);
  const int error = real_pthread_tryjoin_np(thread, result);
  if (error == 0) joined(entry);
  return error;
}

CSP_INTERCEPT(int, pthread_timedjoin_np, pthread_t thread, void** result, const timespec* deadline) {
  if (bypass()) return real_pthread_timedjoin_np(thread, result, deadline);
  ThreadEntry* entry = threads.find(thread);
  const int error = real_pthread_timedjoin_np(thread, result, deadline);
  if (error == 0) joined(entry);
  return error;
}

CSP_INTERCEPT(int, pthread_clockjoin_np, pthread_t thread, void** result, clockid_t clock, const timespec* deadline) {
  if (bypass()) return real_pthread_clockjoin_np(thread, result, clock, deadline);
  ThreadEntry* entry = threads.find(thread);
  const int error = real_pthread_clockjoin_np(thread, result, clock, deadline);
  if (error == 0) joined(entry);
  return error;
}

CSP_INTERCEPT(int, pthread_detach, pthread_t thread) {
  if (bypass()) return real_pthread_detach(thread);
  ThreadEntry* entry = threads.find(thread);
  const int error = real_pthread_detach(thread);
  if (error == 0 && entry != nullptr) finished_or_detached(*entry);
  return error;
}

CSP_INTERCEPT(int, thrd_create, thrd_t* thread, thrd_start_t routine, void* argument) {
  if (bypass()) return real_thrd_create(thread, routine, argument);
  if (checks_memory(CSP_CALLER_PC)) write_by_library(thread, sizeof *thread, CSP_CALLER_PC);
  ThreadState& child = thread_create(CSP_CALLER_PC);
  Start start{nullptr, routine, argument, &child, false};
  const int error = real_thrd_create(thread, run_c11_thread, &start);
  if (error != thrd_success) {
    thread_discard(child);
    return error;
  }
  wait_for_child(start);
  return thrd_success;
}

CSP_INTERCEPT(int, thrd_join, thrd_t thread, int* result) {
  if (bypass()) return real_thrd_join(thread, result);
  ThreadEntry* entry = threads.find(thread);
  const int error = real_thrd_join(thread, result);
  if (error == thrd_success) joined(entry);
  return error;
}

CSP_INTERCEPT(int, thrd_detach, thrd_t thread) {
  if (bypass()) return real_thrd_detach(thread);
  ThreadEntry* entry = threads.find(thread);
  const int error = real_thrd_detach(thread);
  if (error == thrd_success && entry != nullptr) finished_or_detached(*entry);
  return error;
}

}  // extern "C"
}  // namespace csp::race
