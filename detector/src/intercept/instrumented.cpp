// Reads the machine code of callers. A wrong "no" costs a missed race in a library call, a wrong "yes"
// a false alarm: when in doubt, no.

#include "intercept/instrumented.h"

#include <dlfcn.h>

#include "core/detector.h"

extern "C" {
void __tsan_func_entry(void* pc);

// libgcc's and libunwind's look-up of unwinding tables; no header declares it. A function's start is all we want.
struct dwarf_eh_bases {
  void* text_base;
  void* data_base;
  void* function;
};
const void* _Unwind_Find_FDE(void* pc, dwarf_eh_bases* bases);
}

namespace csp::race {
namespace {

/// `pc` shifted left by one, and the answer in the lowest bit. 0 is empty. Words are independent of
/// each other, so relaxed order will do; a call site that loses its place is looked at again.
constexpr unsigned kCacheBits = 14;
constinit std::atomic<std::uint64_t> cache[std::size_t{1} << kCacheBits];

/// Entry calls come right after the prologue, which saves registers and makes room.
constexpr std::size_t kScannedMax = 1024;

template <class T>
T load(Address address) {
  T value;
  __builtin_memcpy(&value, reinterpret_cast<const void*>(address), sizeof value);
  return value;
}

bool contains(const dl_find_object& object, Address address) {
  return address >= reinterpret_cast<Address>(object.dlfo_map_start) &&
         address + 16 <= reinterpret_cast<Address>(object.dlfo_map_end);
}

#if defined(__x86_64__)

/// Follows a procedure linkage stub: [endbr64] [bnd] jmp *slot(%rip). Anything else is its own target.
Address follow_stub(Address target, const dl_find_object& object) {
  Address at = target;
  if (load<std::uint32_t>(at) == 0xfa1e0ff3) at += 4;
  if (load<std::uint8_t>(at) == 0xf2) at += 1;
  if (load<std::uint16_t>(at) != 0x25ff) return target;
  const Address slot = at + 6 + static_cast<Address>(std::int64_t{load<std::int32_t>(at + 2)});
  return contains(object, slot) ? load<Address>(slot) : target;
}

bool calls_entry(Address begin, Address end, const dl_find_object& object) {
  const auto entry = reinterpret_cast<Address>(&__tsan_func_entry);
  for (Address at = begin; at + 5 <= end; ++at) {
    if (load<std::uint8_t>(at) != 0xe8) continue;  // call, relative
    const Address target = at + 5 + static_cast<Address>(std::int64_t{load<std::int32_t>(at + 1)});
    if (target == entry) return true;
    // In another library than ours the call goes through a stub there. Not every such byte is an
    // opcode, so do not follow it out of the library.
    if (contains(object, target) && follow_stub(target, object) == entry) return true;
  }
  return false;
}

#elif defined(__aarch64__)

/// Follows a procedure linkage stub: [bti c] adrp x16, page; ldr x17, [x16, #offset]. Anything else is its own target.
Address follow_stub(Address target, const dl_find_object& object) {
  Address at = target;
  if (load<std::uint32_t>(at) == 0xd503245f) at += 4;
  const auto adrp = load<std::uint32_t>(at);
  const auto ldr = load<std::uint32_t>(at + 4);
  if ((adrp & 0x9f00001f) != 0x90000010 || (ldr & 0xffc003ff) != 0xf9400211) return target;
  const std::uint32_t immediate = (adrp >> 5 & 0x7ffff) << 2 | (adrp >> 29 & 3);
  const std::int64_t pages = static_cast<std::int32_t>(immediate << 11) >> 11;
  const Address slot = (at & ~Address{0xfff}) + static_cast<Address>(pages) * 4096 + (ldr >> 10 & 0xfff) * 8;
  return contains(object, slot) ? load<Address>(slot) : target;
}

bool calls_entry(Address begin, Address end, const dl_find_object& object) {
  const auto entry = reinterpret_cast<Address>(&__tsan_func_entry);
  for (Address at = begin; at + 4 <= end; at += 4) {
    const auto instruction = load<std::uint32_t>(at);
    if (instruction >> 26 != 0x25) continue;  // bl
    const std::int64_t offset = static_cast<std::int32_t>(instruction << 6) >> 4;
    const Address target = at + static_cast<Address>(offset);
    if (target == entry) return true;
    if (contains(object, target) && follow_stub(target, object) == entry) return true;
  }
  return false;
}

#endif

CSP_COLD bool look(Address pc) {
  // The look-up may take locks that we intercept.
  const BypassScope bypassed;
  dwarf_eh_bases bases{};
  dl_find_object object{};
  if (_Unwind_Find_FDE(reinterpret_cast<void*>(pc - 1), &bases) == nullptr) return false;
  if (_dl_find_object(reinterpret_cast<void*>(pc - 1), &object) != 0) return false;
  const auto begin = reinterpret_cast<Address>(bases.function);
  if (begin >= pc) return false;
  return calls_entry(begin, pc - begin > kScannedMax ? begin + kScannedMax : pc, object);
}

}  // namespace

bool in_instrumented_code(Address pc) {
  std::atomic<std::uint64_t>& place = cache[(pc * 0x9e3779b97f4a7c15u) >> (64 - kCacheBits)];
  const std::uint64_t known = place.load(std::memory_order_relaxed);
  if (CSP_LIKELY(known >> 1 == pc)) return (known & 1) != 0;
  const bool answer = look(pc);
  place.store(pc << 1 | (answer ? 1 : 0), std::memory_order_relaxed);
  return answer;
}

}  // namespace csp::race
