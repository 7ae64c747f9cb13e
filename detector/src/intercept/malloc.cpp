// The C heap. glibc keeps allocating; we hear of every block, from whatever library the call came.
//
// The real functions are called by glibc's second names for them: dlsym itself allocates.
//
// A block that instrumented code gives back counts as written by that. One that another library gives back is only
// forgotten: what made it safe to do so may be a reference count in that library, which we do not see.

#include <cerrno>

#include "core/busy.h"
#include "core/detector.h"
#include "core/meta_table.h"
#include "csp/leak/lock_order.h"
#include "intercept/families.h"
#include "intercept/heap.h"
#include "intercept/instrumented.h"
#include "intercept/real_function.h"

extern "C" {
void* __libc_malloc(std::size_t size);
void* __libc_calloc(std::size_t count, std::size_t size);
void* __libc_realloc(void* block, std::size_t size);
void* __libc_memalign(std::size_t alignment, std::size_t size);
void* __libc_valloc(std::size_t size);
void* __libc_pvalloc(std::size_t size);
void __libc_free(void* block);
}

namespace csp::race {
namespace {

constinit RealFunction<std::size_t(void*)> real_usable_size{"malloc_usable_size"};

void* announce_block(void* block, std::size_t size, Address pc) {
  if (CSP_LIKELY(block != nullptr && !bypass())) block_allocated(address_of(block), size, pc);
  return block;
}

/// Forgets the block and what was known of it, without an access.
void forget_block(Address block) {
  std::size_t size = SIZE_MAX;
  {
    const BusyScope busy;
    if (busy.entered()) size = remove_block(block);
  }
  if (size == SIZE_MAX) return;
  sync_destroyed(block, size);
  leak::lock_gone(block, size);
}

void before_free(void* block, Address pc) {
  if (CSP_UNLIKELY(block == nullptr || bypass())) return;
  if (in_instrumented_code(pc)) {
    block_freeing(address_of(block), pc);
  } else {
    forget_block(address_of(block));
  }
}

bool is_power_of_two(std::size_t value) { return value != 0 && (value & (value - 1)) == 0; }

void* reallocate(void* block, std::size_t size, Address pc) {
  if (block == nullptr) return announce_block(__libc_malloc(size), size, pc);
  if (bypass()) return __libc_realloc(block, size);
  // The block ends here and begins again, maybe in the same place: to keep a pointer to the old one is as
  // wrong when realloc happens not to move.
  HeapBlock old;
  const bool known = find_block(address_of(block), &old);
  before_free(block, pc);
  void* moved = __libc_realloc(block, size);
  if (moved != nullptr) return announce_block(moved, size, pc);
  // For size 0 the block is gone. Else there was no memory, and it lives on.
  if (size != 0 && known) block_allocated(old.address, old.size, pc);
  return nullptr;
}

}  // namespace

void initialize_malloc() {}

void* heap_allocate(std::size_t size, Address pc) { return announce_block(__libc_malloc(size), size, pc); }

void* heap_allocate_aligned(std::size_t alignment, std::size_t size, Address pc) {
  return announce_block(__libc_memalign(alignment, size), size, pc);
}

void heap_free(void* block, Address pc) {
  before_free(block, pc);
  __libc_free(block);
}

extern "C" {

CSP_DEFINE(void*, malloc, std::size_t size) { return heap_allocate(size, CSP_CALLER_PC); }

CSP_DEFINE(void, free, void* block) { heap_free(block, CSP_CALLER_PC); }

CSP_DEFINE(void*, calloc, std::size_t count, std::size_t size) {
  // On overflow the real one fails, and the product is not looked at.
  return announce_block(__libc_calloc(count, size), count * size, CSP_CALLER_PC);
}

CSP_DEFINE(void*, realloc, void* block, std::size_t size) { return reallocate(block, size, CSP_CALLER_PC); }

CSP_DEFINE(void*, reallocarray, void* block, std::size_t count, std::size_t size) {
  std::size_t total;
  if (__builtin_mul_overflow(count, size, &total)) {
    errno = ENOMEM;
    return nullptr;
  }
  return reallocate(block, total, CSP_CALLER_PC);
}

CSP_DEFINE(void*, memalign, std::size_t alignment, std::size_t size) {
  return heap_allocate_aligned(alignment, size, CSP_CALLER_PC);
}

CSP_DEFINE(void*, aligned_alloc, std::size_t alignment, std::size_t size) {
  // As glibc 2.36 has it: other alignments are rounded up, as in memalign.
  return heap_allocate_aligned(alignment, size, CSP_CALLER_PC);
}

CSP_DEFINE(int, posix_memalign, void** result, std::size_t alignment, std::size_t size) {
  if (alignment % sizeof(void*) != 0 || !is_power_of_two(alignment)) return EINVAL;
  const int saved_errno = errno;
  void* block = __libc_memalign(alignment, size);
  errno = saved_errno;
  if (block == nullptr) return ENOMEM;
  *result = announce_block(block, size, CSP_CALLER_PC);
  return 0;
}

CSP_DEFINE(void*, valloc, std::size_t size) { return announce_block(__libc_valloc(size), size, CSP_CALLER_PC); }

CSP_DEFINE(void*, pvalloc, std::size_t size) { return announce_block(__libc_pvalloc(size), size, CSP_CALLER_PC); }

// Just what was asked for: the bytes behind it are not known to be this block's.
CSP_DEFINE(std::size_t, malloc_usable_size, void* block) {
  HeapBlock known;
  if (block != nullptr && !bypass() && find_block(address_of(block), &known) && known.address == address_of(block)) {
    return known.size;
  }
  return real_usable_size(block);
}

}  // extern "C"
}  // namespace csp::race
