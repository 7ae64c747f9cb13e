#include "thread_stop.h"

#include <fcntl.h>
#include <linux/futex.h>

#include <atomic>
#include <ctime>

#include "csp/report/system.h"

namespace csp::leak {
namespace {

using report::system_call;

constexpr std::int64_t kPatienceNs = 2'000'000'000;

// What the handler and the stopper share. A stop is a session; the handler of a signal that comes too late
// finds its session over and returns.
struct Slot {
  std::atomic<std::int32_t> thread{0};
  std::atomic<std::uintptr_t> stack_pointer{0};
};
constexpr std::size_t kSlotsMax = 4096;
constinit Slot slots[kSlotsMax];
constinit std::atomic<std::size_t> slots_size{0};
constinit std::atomic<std::uint32_t> stopping{0};  // Futex: 1 while threads are to wait.
constinit std::atomic<std::uint32_t> inside{0};    // Handlers that have not returned.
constinit std::atomic<std::int32_t> stop_signal{0};

void wait_on(std::atomic<std::uint32_t>& word, std::uint32_t value) {
  system_call(SYS_futex, reinterpret_cast<std::uint32_t*>(&word), FUTEX_WAIT_PRIVATE, value, nullptr, nullptr, 0);
}

void handle_stop(int /*signal*/, siginfo_t* /*info*/, void* context) {
  inside.fetch_add(1, std::memory_order_acq_rel);
  const auto self = static_cast<std::int32_t>(system_call(SYS_gettid));
  const std::size_t size = slots_size.load(std::memory_order_acquire);
  for (std::size_t i = 0; i < size; ++i) {
    if (slots[i].thread.load(std::memory_order_relaxed) != self) continue;
    // The kernel put the registers into `context`, which is on this stack, below all that they refer to.
    // release: pairs with the acquire in stop_new_ones().
    slots[i].stack_pointer.store(reinterpret_cast<std::uintptr_t>(context), std::memory_order_release);
    while (stopping.load(std::memory_order_acquire) == 1) wait_on(stopping, 1);
    break;
  }
  inside.fetch_sub(1, std::memory_order_acq_rel);
}

// The kernel's own layout: libc's sigaction may be somebody else's.
struct KernelAction {
  void (*handler)(int, siginfo_t*, void*);
  unsigned long flags;
  void (*restorer)();
  std::uint64_t mask;
};

#if defined(__x86_64__)
extern "C" void csp_leak_restore_registers();
__asm__(
    ".pushsection .text\n"
    ".type csp_leak_restore_registers, @function\n"
    "csp_leak_restore_registers:\n"
    "  mov $15, %eax\n"  // rt_sigreturn
    "  syscall\n"
    ".size csp_leak_restore_registers, . - csp_leak_restore_registers\n"
    ".popsection\n");
constexpr unsigned long kRestorerFlag = 0x04000000;
#else
constexpr unsigned long kRestorerFlag = 0;
#endif

// Takes a real-time signal that the program does not use, once; it is never given back, since a late one must find its
// handler.
bool take_signal() {
  if (stop_signal.load(std::memory_order_relaxed) != 0) return true;
  constexpr int kHighest = 63;
  constexpr int kLowest = 40;
  for (int signal = kHighest; signal >= kLowest; --signal) {
    KernelAction present{};
    if (system_call(SYS_rt_sigaction, signal, nullptr, &present, sizeof present.mask) < 0) return false;
    if (present.handler != nullptr) continue;
    KernelAction ours{};
    ours.handler = handle_stop;
    ours.flags = SA_SIGINFO | SA_RESTART | kRestorerFlag;
#if defined(__x86_64__)
    ours.restorer = csp_leak_restore_registers;
#endif
    ours.mask = ~std::uint64_t{0};
    if (system_call(SYS_rt_sigaction, signal, &ours, nullptr, sizeof ours.mask) < 0) return false;
    stop_signal.store(signal, std::memory_order_relaxed);
    return true;
  }
  return false;
}

std::int64_t now_ns() {
  timespec now{};
  system_call(SYS_clock_gettime, CLOCK_MONOTONIC, &now);
  return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

struct DirectoryEntry {
  std::uint64_t inode;
  std::int64_t offset;
  std::uint16_t length;
  std::uint8_t type;
  char name[1];
};

std::int32_t parse_number(const char* text) {
  std::int32_t value = 0;
  for (; *text >= '0' && *text <= '9'; ++text) value = value * 10 + (*text - '0');
  return value;
}

// Whether thread `id` is no more: gone, or a zombie (a main thread that ended with pthread_exit).
bool has_ended(std::int32_t id) {
  char path[64] = "/proc/self/task/";
  char digits[12];
  std::size_t count = 0;
  for (std::int32_t rest = id; rest != 0; rest /= 10) digits[count++] = static_cast<char>('0' + rest % 10);
  std::size_t end = report::length(path);
  while (count != 0) path[end++] = digits[--count];
  report::copy(path + end, sizeof path - end, "/stat");
  const long fd = system_call(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0);
  if (fd < 0) return true;
  char text[256];
  const long size = system_call(SYS_read, fd, text, sizeof text);
  system_call(SYS_close, fd);
  if (size <= 0) return true;
  // "12 (name) S ...": a name may hold anything, so from the last parenthesis.
  for (long i = size - 1; i > 0; --i) {
    if (text[i] == ')' && i + 2 < size) return text[i + 2] == 'Z' || text[i + 2] == 'X';
  }
  return false;
}

}  // namespace

ThreadStop::ThreadStop(bool (*leave_alone)(std::int32_t id)) : leave_alone_(leave_alone) {
  if (!take_signal()) return;
  stopping.store(1, std::memory_order_release);
  slots_size.store(0, std::memory_order_release);
  // A thread may start another until it is stopped itself: look again until a look finds nobody new.
  for (;;) {
    bool grown = false;
    if (!list_threads(&grown)) return;
    if (!grown) break;
    if (!stop_new_ones()) return;
  }
  complete_ = true;
}

ThreadStop::~ThreadStop() {
  stopping.store(0, std::memory_order_release);
  system_call(SYS_futex, reinterpret_cast<std::uint32_t*>(&stopping), FUTEX_WAKE_PRIVATE, 0x7fffffff, nullptr, nullptr,
              0);
  // The next session reuses the slots: nobody may still be reading them.
  while (complete_ && inside.load(std::memory_order_acquire) != 0) system_call(SYS_sched_yield);
}

bool ThreadStop::list_threads(bool* grown) {
  const long fd = system_call(SYS_openat, AT_FDCWD, "/proc/self/task", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
  if (fd < 0) return false;
  const auto self = static_cast<std::int32_t>(system_call(SYS_gettid));
  alignas(8) char buffer[4096];
  bool listed = true;
  for (;;) {
    const long size = system_call(SYS_getdents64, fd, buffer, sizeof buffer);
    if (size < 0) listed = false;
    if (size <= 0) break;
    for (long at = 0; at < size;) {
      const auto* entry = reinterpret_cast<const DirectoryEntry*>(buffer + at);
      at += entry->length;
      const std::int32_t id = parse_number(entry->name);
      if (id == 0 || id == self || leave_alone_(id)) continue;
      bool known = false;
      for (const StoppedThread& thread : threads_) known = known || thread.id == id;
      if (known) continue;
      if (threads_.size() == kSlotsMax || !threads_.push_back({id, 0})) listed = false;
      *grown = true;
    }
  }
  system_call(SYS_close, fd);
  return listed;
}

bool ThreadStop::stop_new_ones() {
  const auto process = static_cast<std::int32_t>(system_call(SYS_getpid));
  for (std::size_t i = signalled_; i < threads_.size(); ++i) {
    slots[i].stack_pointer.store(0, std::memory_order_relaxed);
    slots[i].thread.store(threads_[i].id, std::memory_order_relaxed);
  }
  // release: pairs with the acquire in handle_stop().
  slots_size.store(threads_.size(), std::memory_order_release);
  for (std::size_t i = signalled_; i < threads_.size(); ++i) {
    system_call(SYS_tgkill, process, threads_[i].id, stop_signal.load(std::memory_order_relaxed));
  }
  const std::int64_t deadline = now_ns() + kPatienceNs;
  for (; signalled_ < threads_.size(); ++signalled_) {
    StoppedThread& thread = threads_[signalled_];
    Slot& slot = slots[signalled_];
    for (unsigned round = 0;; ++round) {
      thread.stack_pointer = slot.stack_pointer.load(std::memory_order_acquire);
      // Asked again: the thread may not have run far enough to be known when it was listed.
      if (thread.stack_pointer != 0 || leave_alone_(thread.id)) break;
      if (round % 64 == 63 && has_ended(thread.id)) break;
      if (now_ns() > deadline) return false;
      system_call(SYS_sched_yield);
    }
  }
  return true;
}

}  // namespace csp::leak
