#include "sched/foreign_thread.h"

#include <new>

#include <pthread.h>
#include <sys/mman.h>

#include "base/fatal.h"
#include "sched/scheduler.h"

namespace csp::rt {
namespace {

__thread ForeignThread* thread_record = nullptr;
constinit std::atomic<ForeignThread*> records{nullptr};

ForeignThread* take_record() {
  for (ForeignThread* it = records.load(std::memory_order_acquire); it != nullptr; it = it->next) {
    bool expected = false;
    if (!it->in_use.load(std::memory_order_relaxed) && it->in_use.compare_exchange_strong(expected, true)) return it;
  }
  void* memory = mmap(nullptr, sizeof(ForeignThread), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) fatal("out of memory for threads");
  auto* thread = new (memory) ForeignThread;
  thread->in_use.store(true, std::memory_order_relaxed);
  ForeignThread* first = records.load(std::memory_order_relaxed);
  do {
    thread->next = first;
  } while (!records.compare_exchange_weak(first, thread, std::memory_order_release));
  return thread;
}

void detach(void* argument) {
  auto* thread = static_cast<ForeignThread*>(argument);
  thread_record = nullptr;
  hooks::announce(&hooks::Observer::thread_detached, &thread->agent);
  thread->agent = {};
  // From here to its end the kernel still counts a thread that we no longer know: nobody calls deadlock meanwhile,
  // and sysmon looks again.
  scheduler.foreign_count.fetch_sub(1);
  scheduler.foreign_running.fetch_sub(1);
  thread->in_use.store(false, std::memory_order_release);
  look_for_deadlock_later();
}

/// A key and not a C++ thread_local, whose destruction would come before that of the user's own.
pthread_key_t detach_key() {
  static pthread_key_t key;
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, [] {
    if (pthread_key_create(&key, detach) != 0) fatal("out of thread keys");
  });
  return key;
}

[[gnu::noinline]] ForeignThread& attach() {
  ensure_started();
  ForeignThread* thread = take_record();
  thread_record = thread;
  pthread_setspecific(detach_key(), thread);
  scheduler.foreign_running.fetch_add(1);
  scheduler.foreign_count.fetch_add(1);
  hooks::announce(&hooks::Observer::thread_attached, &thread->agent);
  return *thread;
}

}  // namespace

[[gnu::noinline]] ForeignThread& this_foreign_thread() {
  asm volatile("" ::: "memory");
  return thread_record != nullptr ? *thread_record : attach();
}

void forget_threads_but_caller() {
  for (ForeignThread* it = records.load(std::memory_order_acquire); it != nullptr; it = it->next) {
    if (it != thread_record) it->in_use.store(false, std::memory_order_relaxed);
  }
  const int attached = thread_record != nullptr ? 1 : 0;
  scheduler.foreign_count.store(attached);
  scheduler.foreign_running.store(attached);
}

void for_each_foreign_thread(void (*visit)(void* context, ForeignThread& thread), void* context) {
  for (ForeignThread* it = records.load(std::memory_order_acquire); it != nullptr; it = it->next) {
    if (it->in_use.load(std::memory_order_acquire)) visit(context, *it);
  }
}

}  // namespace csp::rt
