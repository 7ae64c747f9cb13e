// operator new and delete. Left to libstdc++, every block's allocation site would be a line in libstdc++.

#include <cstddef>

#include "base/base.h"
#include "intercept/families.h"
#include "intercept/heap.h"
#include "intercept/real_function.h"

namespace csp::race {
namespace {

// libstdc++'s own: calls the new_handler, tries again, throws std::bad_alloc. Through these we need no exceptions here.
constinit RealFunction<void*(std::size_t)> real_new{"_Znwm"};
constinit RealFunction<void*(std::size_t, std::size_t)> real_aligned_new{"_ZnwmSt11align_val_t"};
constinit RealFunction<void*(std::size_t, const void*)> real_nothrow_new{"_ZnwmRKSt9nothrow_t"};
constinit RealFunction<void*(std::size_t, std::size_t, const void*)> real_aligned_nothrow_new{
    "_ZnwmSt11align_val_tRKSt9nothrow_t"};

CSP_HOT void* allocate_object(std::size_t size, Address pc) {
  void* block = heap_allocate(size, pc);
  return CSP_LIKELY(block != nullptr) ? block : real_new(size);
}

CSP_HOT void* allocate_object(std::size_t size, std::size_t alignment, Address pc) {
  void* block = heap_allocate_aligned(alignment, size, pc);
  return CSP_LIKELY(block != nullptr) ? block : real_aligned_new(size, alignment);
}

CSP_HOT void* allocate_object(std::size_t size, const void* nothrow, Address pc) {
  void* block = heap_allocate(size, pc);
  return CSP_LIKELY(block != nullptr) ? block : real_nothrow_new(size, nothrow);
}

CSP_HOT void* allocate_object(std::size_t size, std::size_t alignment, const void* nothrow, Address pc) {
  void* block = heap_allocate_aligned(alignment, size, pc);
  return CSP_LIKELY(block != nullptr) ? block : real_aligned_nothrow_new(size, alignment, nothrow);
}

}  // namespace

void initialize_new() {}

// By their mangled names: what counts is the symbol, and <new> is a header that a program may replace parts of.
// w and a: new and new[]; l and a: delete and delete[]. nothrow_t comes as a pointer nobody looks at.
extern "C" {

CSP_DEFINE(void*, _Znwm, std::size_t size) { return allocate_object(size, CSP_CALLER_PC); }
CSP_DEFINE(void*, _Znam, std::size_t size) { return allocate_object(size, CSP_CALLER_PC); }

CSP_DEFINE(void*, _ZnwmSt11align_val_t, std::size_t size, std::size_t alignment) {
  return allocate_object(size, alignment, CSP_CALLER_PC);
}
CSP_DEFINE(void*, _ZnamSt11align_val_t, std::size_t size, std::size_t alignment) {
  return allocate_object(size, alignment, CSP_CALLER_PC);
}

CSP_DEFINE(void*, _ZnwmRKSt9nothrow_t, std::size_t size, const void* nothrow) {
  return allocate_object(size, nothrow, CSP_CALLER_PC);
}
CSP_DEFINE(void*, _ZnamRKSt9nothrow_t, std::size_t size, const void* nothrow) {
  return allocate_object(size, nothrow, CSP_CALLER_PC);
}

CSP_DEFINE(void*, _ZnwmSt11align_val_tRKSt9nothrow_t, std::size_t size, std::size_t alignment, const void* nothrow) {
  return allocate_object(size, alignment, nothrow, CSP_CALLER_PC);
}
CSP_DEFINE(void*, _ZnamSt11align_val_tRKSt9nothrow_t, std::size_t size, std::size_t alignment, const void* nothrow) {
  return allocate_object(size, alignment, nothrow, CSP_CALLER_PC);
}

CSP_DEFINE(void, _ZdlPv, void* block) { heap_free(block, CSP_CALLER_PC); }
CSP_DEFINE(void, _ZdaPv, void* block) { heap_free(block, CSP_CALLER_PC); }
CSP_DEFINE(void, _ZdlPvm, void* block, std::size_t) { heap_free(block, CSP_CALLER_PC); }
CSP_DEFINE(void, _ZdaPvm, void* block, std::size_t) { heap_free(block, CSP_CALLER_PC); }
CSP_DEFINE(void, _ZdlPvSt11align_val_t, void* block, std::size_t) { heap_free(block, CSP_CALLER_PC); }
CSP_DEFINE(void, _ZdaPvSt11align_val_t, void* block, std::size_t) { heap_free(block, CSP_CALLER_PC); }
CSP_DEFINE(void, _ZdlPvmSt11align_val_t, void* block, std::size_t, std::size_t) { heap_free(block, CSP_CALLER_PC); }
CSP_DEFINE(void, _ZdaPvmSt11align_val_t, void* block, std::size_t, std::size_t) { heap_free(block, CSP_CALLER_PC); }
CSP_DEFINE(void, _ZdlPvRKSt9nothrow_t, void* block, const void*) { heap_free(block, CSP_CALLER_PC); }
CSP_DEFINE(void, _ZdaPvRKSt9nothrow_t, void* block, const void*) { heap_free(block, CSP_CALLER_PC); }
CSP_DEFINE(void, _ZdlPvSt11align_val_tRKSt9nothrow_t, void* block, std::size_t, const void*) {
  heap_free(block, CSP_CALLER_PC);
}
CSP_DEFINE(void, _ZdaPvSt11align_val_tRKSt9nothrow_t, void* block, std::size_t, const void*) {
  heap_free(block, CSP_CALLER_PC);
}

}  // extern "C"
}  // namespace csp::race
