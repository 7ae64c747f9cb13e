#include "machine/switch.h"

#include <cerrno>
#include <cstdlib>

#include <cxxabi.h>
#include <pthread.h>

#include <boost/context/detail/fcontext.hpp>

#if defined(__SANITIZE_ADDRESS__)
#define CSP_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define CSP_ASAN 1
#endif
#endif

#ifdef CSP_ASAN
#include <sanitizer/common_interface_defs.h>
#endif

namespace csp::rt {
namespace {

namespace boost_context = boost::context::detail;

/// Exceptions being handled and thrown. The layout is fixed by the Itanium C++ ABI (exception handling,
/// 2.2.2), which libstdc++ and libc++abi share.
struct ExceptionState {
  void* caught = nullptr;
  unsigned int uncaught = 0;
};

/// What belongs to a stack though the C++ runtime keeps it per thread.
struct ThreadState {
  ExceptionState exceptions;
  int error = 0;
};

// Out of line: within one function the compiler may keep the address of a thread-local such as errno
// across a switch, and we may come back on another thread.
[[gnu::noinline]] ThreadState save_thread_state() {
  asm volatile("" ::: "memory");
  return {*reinterpret_cast<ExceptionState*>(abi::__cxa_get_globals()), errno};
}

[[gnu::noinline]] void restore_thread_state(const ThreadState& state) {
  asm volatile("" ::: "memory");
  *reinterpret_cast<ExceptionState*>(abi::__cxa_get_globals()) = state.exceptions;
  errno = state.error;
}

// AddressSanitizer keeps a shadow of locals ("fake stack") that must change together with the stack.
void leaving([[maybe_unused]] void** fake_stack, [[maybe_unused]] StackBounds to) {
#ifdef CSP_ASAN
  __sanitizer_start_switch_fiber(fake_stack, to.low, to.size);
#endif
}

void arrived([[maybe_unused]] void* fake_stack) {
#ifdef CSP_ASAN
  __sanitizer_finish_switch_fiber(fake_stack, nullptr, nullptr);
#endif
}

void begin(boost_context::transfer_t transfer) {
  arrived(nullptr);
  restore_thread_state({});
  enter_stack({{transfer.fctx}, transfer.data});
}

}  // namespace

Context make_context(StackBounds bounds) {
  return {boost_context::make_fcontext(static_cast<char*>(bounds.low) + bounds.size, bounds.size, begin)};
}

Arrival switch_to(Context to, StackBounds bounds, void* message) {
  const ThreadState state = save_thread_state();
  void* fake_stack = nullptr;
  leaving(&fake_stack, bounds);
  const boost_context::transfer_t transfer = boost_context::jump_fcontext(to.position, message);
  arrived(fake_stack);
  restore_thread_state(state);
  return {{transfer.fctx}, transfer.data};
}

void leave_for(Context to, StackBounds bounds, void* message) {
  leaving(nullptr, bounds);
  boost_context::jump_fcontext(to.position, message);
  std::abort();  // Somebody switched to a stack that has ended.
}

StackBounds thread_stack() {
  StackBounds bounds;
  pthread_attr_t attributes;
  if (pthread_getattr_np(pthread_self(), &attributes) != 0) return bounds;
  pthread_attr_getstack(&attributes, &bounds.low, &bounds.size);
  pthread_attr_destroy(&attributes);
  return bounds;
}

}  // namespace csp::rt
