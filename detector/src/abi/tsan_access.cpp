// The TSan ABI: memory accesses and calls. Transport only; core/check_access.h has the meaning.

#include "core/check_access.h"
#include "core/detector.h"

extern "C" char** environ;

using csp::race::AccessKind;
using csp::race::Address;

#define CSP_ABI extern "C" [[gnu::visibility("default")]]
#define CSP_CALLER reinterpret_cast<Address>(__builtin_return_address(0))

namespace {

CSP_HOT Address at(const void* address) { return reinterpret_cast<Address>(address); }

/// Any size and alignment.
CSP_HOT void check_range(const void* address, std::size_t size, AccessKind kind, Address pc) {
  csp::race::check_access_slow(at(address), size, kind, false, pc);
}

/// May lie across two granules.
template <unsigned kSize>
CSP_HOT void check_unaligned(const void* address, AccessKind kind, Address pc) {
  if (CSP_LIKELY((at(address) & 7) + kSize <= 8)) return csp::race::check_access<kSize>(at(address), kind, pc);
  return check_range(address, kSize, kind, pc);
}

}  // namespace

CSP_ABI void __tsan_read1(void* p) { csp::race::check_access<1>(at(p), AccessKind::kRead, CSP_CALLER); }
CSP_ABI void __tsan_read2(void* p) { csp::race::check_access<2>(at(p), AccessKind::kRead, CSP_CALLER); }
CSP_ABI void __tsan_read4(void* p) { csp::race::check_access<4>(at(p), AccessKind::kRead, CSP_CALLER); }
CSP_ABI void __tsan_read8(void* p) { csp::race::check_access<8>(at(p), AccessKind::kRead, CSP_CALLER); }
CSP_ABI void __tsan_read16(void* p) { csp::race::check_access_wide(at(p), AccessKind::kRead, CSP_CALLER); }
CSP_ABI void __tsan_write1(void* p) { csp::race::check_access<1>(at(p), AccessKind::kWrite, CSP_CALLER); }
CSP_ABI void __tsan_write2(void* p) { csp::race::check_access<2>(at(p), AccessKind::kWrite, CSP_CALLER); }
CSP_ABI void __tsan_write4(void* p) { csp::race::check_access<4>(at(p), AccessKind::kWrite, CSP_CALLER); }
CSP_ABI void __tsan_write8(void* p) { csp::race::check_access<8>(at(p), AccessKind::kWrite, CSP_CALLER); }
CSP_ABI void __tsan_write16(void* p) { csp::race::check_access_wide(at(p), AccessKind::kWrite, CSP_CALLER); }

CSP_ABI void __tsan_unaligned_read2(const void* p) { check_unaligned<2>(p, AccessKind::kRead, CSP_CALLER); }
CSP_ABI void __tsan_unaligned_read4(const void* p) { check_unaligned<4>(p, AccessKind::kRead, CSP_CALLER); }
CSP_ABI void __tsan_unaligned_read8(const void* p) { check_unaligned<8>(p, AccessKind::kRead, CSP_CALLER); }
CSP_ABI void __tsan_unaligned_read16(const void* p) {
  csp::race::check_access_wide(at(p), AccessKind::kRead, CSP_CALLER);
}
CSP_ABI void __tsan_unaligned_write2(void* p) { check_unaligned<2>(p, AccessKind::kWrite, CSP_CALLER); }
CSP_ABI void __tsan_unaligned_write4(void* p) { check_unaligned<4>(p, AccessKind::kWrite, CSP_CALLER); }
CSP_ABI void __tsan_unaligned_write8(void* p) { check_unaligned<8>(p, AccessKind::kWrite, CSP_CALLER); }
CSP_ABI void __tsan_unaligned_write16(void* p) { csp::race::check_access_wide(at(p), AccessKind::kWrite, CSP_CALLER); }

// A read and a write of one place by one instruction's worth of source: the write is the stronger of the two.
CSP_ABI void __tsan_read_write1(void* p) { csp::race::check_access<1>(at(p), AccessKind::kWrite, CSP_CALLER); }
CSP_ABI void __tsan_read_write2(void* p) { csp::race::check_access<2>(at(p), AccessKind::kWrite, CSP_CALLER); }
CSP_ABI void __tsan_read_write4(void* p) { csp::race::check_access<4>(at(p), AccessKind::kWrite, CSP_CALLER); }
CSP_ABI void __tsan_read_write8(void* p) { csp::race::check_access<8>(at(p), AccessKind::kWrite, CSP_CALLER); }
CSP_ABI void __tsan_read_write16(void* p) { csp::race::check_access_wide(at(p), AccessKind::kWrite, CSP_CALLER); }
CSP_ABI void __tsan_unaligned_read_write2(void* p) { check_unaligned<2>(p, AccessKind::kWrite, CSP_CALLER); }
CSP_ABI void __tsan_unaligned_read_write4(void* p) { check_unaligned<4>(p, AccessKind::kWrite, CSP_CALLER); }
CSP_ABI void __tsan_unaligned_read_write8(void* p) { check_unaligned<8>(p, AccessKind::kWrite, CSP_CALLER); }
CSP_ABI void __tsan_unaligned_read_write16(void* p) {
  csp::race::check_access_wide(at(p), AccessKind::kWrite, CSP_CALLER);
}

// volatile is no synchronisation: a plain access.
CSP_ABI void __tsan_volatile_read1(void* p) { csp::race::check_access<1>(at(p), AccessKind::kRead, CSP_CALLER); }
CSP_ABI void __tsan_volatile_read2(void* p) { csp::race::check_access<2>(at(p), AccessKind::kRead, CSP_CALLER); }
CSP_ABI void __tsan_volatile_read4(void* p) { csp::race::check_access<4>(at(p), AccessKind::kRead, CSP_CALLER); }
CSP_ABI void __tsan_volatile_read8(void* p) { csp::race::check_access<8>(at(p), AccessKind::kRead, CSP_CALLER); }
CSP_ABI void __tsan_volatile_read16(void* p) { csp::race::check_access_wide(at(p), AccessKind::kRead, CSP_CALLER); }
CSP_ABI void __tsan_volatile_write1(void* p) { csp::race::check_access<1>(at(p), AccessKind::kWrite, CSP_CALLER); }
CSP_ABI void __tsan_volatile_write2(void* p) { csp::race::check_access<2>(at(p), AccessKind::kWrite, CSP_CALLER); }
CSP_ABI void __tsan_volatile_write4(void* p) { csp::race::check_access<4>(at(p), AccessKind::kWrite, CSP_CALLER); }
CSP_ABI void __tsan_volatile_write8(void* p) { csp::race::check_access<8>(at(p), AccessKind::kWrite, CSP_CALLER); }
CSP_ABI void __tsan_volatile_write16(void* p) { csp::race::check_access_wide(at(p), AccessKind::kWrite, CSP_CALLER); }

CSP_ABI void __tsan_read_range(const void* p, std::size_t size) { check_range(p, size, AccessKind::kRead, CSP_CALLER); }
CSP_ABI void __tsan_write_range(void* p, std::size_t size) { check_range(p, size, AccessKind::kWrite, CSP_CALLER); }

CSP_ABI void __tsan_vptr_read(void** p) { csp::race::check_access<8>(at(p), AccessKind::kRead, CSP_CALLER); }
CSP_ABI void __tsan_vptr_update(void** p, void* value) {
  // A constructor or destructor that stores what is there already changes nothing that a virtual call could see.
  if (*p == value) return;
  csp::race::check_access<8>(at(p), AccessKind::kWrite, CSP_CALLER);
}

CSP_ABI void __tsan_func_entry(void* pc) {
  csp::race::ThreadState* thread = csp::race::current_agent;
  if (CSP_LIKELY(thread != nullptr)) return csp::race::push_frame(*thread, at(pc));
  csp::race::function_enter(at(pc));
}

CSP_ABI void __tsan_func_exit() {
  csp::race::ThreadState* thread = csp::race::current_agent;
  if (CSP_LIKELY(thread != nullptr)) csp::race::pop_frame(*thread);
}

CSP_ABI void __tsan_ignore_thread_begin() {
  if (!csp::race::bypass()) ++csp::race::self().ignore_reads_and_writes;
}
CSP_ABI void __tsan_ignore_thread_end() {
  if (!csp::race::bypass()) --csp::race::self().ignore_reads_and_writes;
}

CSP_ABI void __tsan_init() { csp::race::initialize(); }

namespace {

// Dynamic libc has not been initialised yet when this is called, and has no environ: it comes as an argument.
void initialize_first(int, char**, char** environment) {
  if (environ == nullptr) environ = environment;
  csp::race::initialize();
}

// Before any constructor of the program, whatever object files the linker puts first.
[[gnu::section(".preinit_array"), gnu::used]] void (*const preinit_entry)(int, char**, char**) = initialize_first;

}  // namespace
