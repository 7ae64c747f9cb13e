#include "sched/death.h"

#include <cstdlib>
#include <exception>
#include <typeinfo>

#include <cxxabi.h>
#include <signal.h>
#include <sys/mman.h>

#include "base/fatal.h"
#include "base/symbolize.h"
#include "csp/go.h"
#include "introspect/inspector.h"
#include "introspect/trace.h"
#include "sched/foreign_thread.h"
#include "sched/scheduler.h"

namespace csp::rt {
namespace {

constinit std::terminate_handler previous_terminate = nullptr;
constinit struct sigaction previous_segv {};

void print_caller(DyingWords& words) {
  Goroutine* self = this_goroutine();
  if (self == nullptr) return;
  Trace trace;
  capture(trace);
  print_goroutine(words, *self, "running", trace);
}

/// What the exception being handled says. Copied, for it is gone when the handler is left.
void describe_exception(char* out, std::size_t size) {
  const auto copy = [&](const char* text) {
    std::size_t i = 0;
    for (; i + 1 < size && text[i] != '\0'; ++i) out[i] = text[i];
    out[i] = '\0';
  };
  const std::type_info* type = abi::__cxa_current_exception_type();
  if (type == nullptr) {
    copy("terminate called without an exception");
  } else if (*type == typeid(csp::detail::Goexit)) {
    copy("goexit cannot leave a noexcept function");
  } else {
    try {
      throw;
    } catch (const std::exception& exception) {
      copy(exception.what());
    } catch (...) {
      copy(demangle_type(type->name()));
    }
  }
}

/// An exception that leaves a goroutine finds no handler: the search for one ends at the goroutine's bottom,
/// and the C++ runtime calls this on top of the throw, with nothing unwound.
[[noreturn]] void on_terminate() {
  if (this_goroutine() == nullptr) {
    if (previous_terminate != nullptr) previous_terminate();
    std::abort();
  }
  char message[1024];
  describe_exception(message, sizeof(message));
  DyingWords words(hooks::Death::kPanic, "panic: ", message);
  print_caller(words);
  words.die();
}

void on_segv(int signal, siginfo_t* info, void* context) {
  Goroutine* self = this_goroutine();
  if (self != nullptr && in_guard(self->stack, info->si_addr)) {
    DyingWords words(hooks::Death::kStackOverflow, "fatal error: ", "stack overflow");
    print_caller(words);
    words.die();
  }
  if ((previous_segv.sa_flags & SA_SIGINFO) != 0) {
    previous_segv.sa_sigaction(signal, info, context);
  } else if (previous_segv.sa_handler != SIG_DFL && previous_segv.sa_handler != SIG_IGN) {
    previous_segv.sa_handler(signal);
  } else {
    // Not ours: the instruction is tried again and the kernel does what it does by default.
    ::signal(SIGSEGV, SIG_DFL);
  }
}

void print_parked(void* context, Goroutine& goroutine) {
  auto& words = *static_cast<DyingWords*>(context);
  Trace trace;
  capture(goroutine, trace);
  print_goroutine(words, goroutine, state_words(goroutine), trace);
  words.text("\n");
}

/// A thread outside the runtime that waits too: its stack is its own business, where it called us is ours.
void print_thread(void* context, ForeignThread& thread) {
  if (!thread.blocked.load(std::memory_order_acquire) || thread.reason == hooks::WaitReason::kMainWait) return;
  auto& words = *static_cast<DyingWords*>(context);
  words.text("thread [").text(hooks::words(thread.reason)).text("]:\n");
  Trace trace;
  trace.pcs[trace.depth++] = thread.park_pc;
  print_frames(words, trace);
  words.text("\n");
}

}  // namespace

void install_death() {
  set_caller_printer(print_caller);
  previous_terminate = std::set_terminate(on_terminate);
  struct sigaction action {};
  action.sa_sigaction = on_segv;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER;
  sigemptyset(&action.sa_mask);
  sigaction(SIGSEGV, &action, &previous_segv);
  offer_inspector();
}

void use_alternate_signal_stack() {
  constexpr std::size_t kSize = 256 * 1024;
  stack_t stack{};
  stack.ss_sp = mmap(nullptr, kSize, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (stack.ss_sp == MAP_FAILED) return;  // Then an overflow is an ordinary crash.
  stack.ss_size = kSize;
  sigaltstack(&stack, nullptr);
}

void die_of_deadlock() {
  const bool main_exited = scheduler.main_exited.load(std::memory_order_relaxed);
  DyingWords words(
      hooks::Death::kDeadlock, "fatal error: ",
      main_exited ? "no goroutines (main called csp::goexit) - deadlock!" : "all goroutines are asleep - deadlock!");
  for_each_goroutine(print_parked, &words);
  for_each_foreign_thread(print_thread, &words);
  words.die();
}

}  // namespace csp::rt
