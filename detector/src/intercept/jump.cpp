// longjmp leaves functions without the exits that the shadow call stack waits for. So setjmp notes how deep it was.
//
// setjmp cannot be wrapped by a function, which would be left before the jump comes back to it: ours are
// stubs that make a note and jump to the real one, with the caller's return address where it was.

#include <cstddef>

#include "core/busy.h"
#include "intercept/families.h"
#include "intercept/real_function.h"

namespace csp::race {
namespace {

/// A jmp_buf that has been set. Kept for ever: nobody says when one is gone, and most are set again and again.
struct JumpPoint {
  Address buffer = 0;
  std::atomic<std::size_t> depth{0};
  JumpPoint* next = nullptr;
};

// Chains are only added to, at their heads: looking up needs no lock, which a signal handler that jumps could not take.
constexpr unsigned kBucketBits = 10;
constinit std::atomic<JumpPoint*> jump_points[std::size_t{1} << kBucketBits];

std::atomic<JumpPoint*>& bucket_of(Address buffer) {
  return jump_points[(buffer * 0x9e3779b97f4a7c15u) >> (64 - kBucketBits)];
}

JumpPoint* find_jump_point(Address buffer) {
  // acquire: pairs with the release in note_jump_point().
  JumpPoint* point = bucket_of(buffer).load(std::memory_order_acquire);
  while (point != nullptr && point->buffer != buffer) point = point->next;
  return point;
}

void note_jump_point(Address buffer) {
  if (bypass()) return;
  // relaxed: only the agent whose stack it is on jumps to it.
  if (JumpPoint* known = find_jump_point(buffer); known != nullptr) {
    known->depth.store(call_depth(), std::memory_order_relaxed);
    return;
  }
  const std::size_t depth = call_depth();
  const BusyScope busy;
  if (!busy.entered()) return;
  auto* point = make<JumpPoint>();
  point->buffer = buffer;
  point->depth.store(depth, std::memory_order_relaxed);
  std::atomic<JumpPoint*>& head = bucket_of(buffer);
  point->next = head.load(std::memory_order_relaxed);
  while (!head.compare_exchange_weak(point->next, point, std::memory_order_release, std::memory_order_relaxed)) {
  }
}

void before_jump(const void* buffer) {
  if (bypass()) return;
  if (const JumpPoint* point = find_jump_point(reinterpret_cast<Address>(buffer)); point != nullptr) {
    restore_call_depth(point->depth.load(std::memory_order_relaxed));
  }
}

constinit RealFunction<int(void*)> real_setjmp{"setjmp"};
constinit RealFunction<int(void*)> real__setjmp{"_setjmp"};
constinit RealFunction<int(void*, int)> real___sigsetjmp{"__sigsetjmp"};

}  // namespace

void initialize_jump() {}

extern "C" {

// Called by the stubs; each returns where its stub goes on.
[[gnu::used]] void* csp_race_before_setjmp(void* buffer) {
  note_jump_point(address_of(buffer));
  return reinterpret_cast<void*>(real_setjmp.get());
}
[[gnu::used]] void* csp_race_before__setjmp(void* buffer) {
  note_jump_point(address_of(buffer));
  return reinterpret_cast<void*>(real__setjmp.get());
}
[[gnu::used]] void* csp_race_before___sigsetjmp(void* buffer) {
  note_jump_point(address_of(buffer));
  return reinterpret_cast<void*>(real___sigsetjmp.get());
}

}  // extern "C"

#if defined(__x86_64__)
// Saves the arguments; three pushes also align the stack for the call.
#define CSP_SETJMP_STUB(name)              \
  __asm__(                                 \
      ".text\n"                            \
      ".globl " #name                      \
      "\n"                                 \
      ".type " #name ", @function\n" #name \
      ":\n"                                \
      ".cfi_startproc\n"                   \
      "endbr64\n"                          \
      "pushq %rdi\n"                       \
      ".cfi_adjust_cfa_offset 8\n"         \
      "pushq %rsi\n"                       \
      ".cfi_adjust_cfa_offset 8\n"         \
      "pushq %rax\n"                       \
      ".cfi_adjust_cfa_offset 8\n"         \
      "call csp_race_before_" #name        \
      "\n"                                 \
      "addq $8, %rsp\n"                    \
      ".cfi_adjust_cfa_offset -8\n"        \
      "popq %rsi\n"                        \
      ".cfi_adjust_cfa_offset -8\n"        \
      "popq %rdi\n"                        \
      ".cfi_adjust_cfa_offset -8\n"        \
      "jmp *%rax\n"                        \
      ".cfi_endproc\n"                     \
      ".size " #name ", . - " #name "\n");
#elif defined(__aarch64__)
#define CSP_SETJMP_STUB(name)              \
  __asm__(                                 \
      ".text\n"                            \
      ".globl " #name                      \
      "\n"                                 \
      ".type " #name ", %function\n" #name \
      ":\n"                                \
      ".cfi_startproc\n"                   \
      "hint #34\n"                         \
      "stp x0, x1, [sp, #-32]!\n"          \
      ".cfi_adjust_cfa_offset 32\n"        \
      "str x30, [sp, #16]\n"               \
      ".cfi_rel_offset x30, 16\n"          \
      "bl csp_race_before_" #name          \
      "\n"                                 \
      "mov x16, x0\n"                      \
      "ldr x30, [sp, #16]\n"               \
      ".cfi_restore x30\n"                 \
      "ldp x0, x1, [sp], #32\n"            \
      ".cfi_adjust_cfa_offset -32\n"       \
      "br x16\n"                           \
      ".cfi_endproc\n"                     \
      ".size " #name ", . - " #name "\n");
#endif

CSP_SETJMP_STUB(setjmp)
CSP_SETJMP_STUB(_setjmp)
CSP_SETJMP_STUB(__sigsetjmp)

extern "C" {

CSP_INTERCEPT(void, longjmp, void* buffer, int value) {
  before_jump(buffer);
  real_longjmp(buffer, value);
}

CSP_INTERCEPT(void, _longjmp, void* buffer, int value) {
  before_jump(buffer);
  real__longjmp(buffer, value);
}

CSP_INTERCEPT(void, siglongjmp, void* buffer, int value) {
  before_jump(buffer);
  real_siglongjmp(buffer, value);
}

// What longjmp becomes with _FORTIFY_SOURCE.
CSP_INTERCEPT(void, __longjmp_chk, void* buffer, int value) {
  before_jump(buffer);
  real___longjmp_chk(buffer, value);
}

}  // extern "C"
}  // namespace csp::race
