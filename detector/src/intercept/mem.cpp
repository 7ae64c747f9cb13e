// memcpy, memmove, memset, memcmp, memchr: Clang's calls of them in instrumented code (__tsan_memcpy), GCC's
// plain ones, and the fortified ones.
//
// They run before anything else does (ld.so resolves ours while it relocates), so the work falls back
// on our own loops until the real functions are known. A library that reads ahead, as memcmp may,
// counts only up to where its answer was certain.

#include <cstddef>

#include "intercept/families.h"
#include "intercept/memory.h"
#include "intercept/real_function.h"

namespace csp::race {
namespace {

constinit RealFunction<void*(void*, const void*, std::size_t)> real_memcpy{"memcpy"};
constinit RealFunction<void*(void*, const void*, std::size_t)> real_memmove{"memmove"};
constinit RealFunction<void*(void*, int, std::size_t)> real_memset{"memset"};

void* copy(void* to, const void* from, std::size_t size) {
  if (const auto real = real_memcpy.known(); CSP_LIKELY(real != nullptr)) return real(to, from, size);
  copy_bytes(to, from, size);
  return to;
}

void* move(void* to, const void* from, std::size_t size) {
  if (const auto real = real_memmove.known(); CSP_LIKELY(real != nullptr)) return real(to, from, size);
  copy_bytes(to, from, size);
  return to;
}

void* fill(void* to, int value, std::size_t size) {
  if (const auto real = real_memset.known(); CSP_LIKELY(real != nullptr)) return real(to, value, size);
  // volatile: a compiler would turn the loop into a call of memset.
  for (std::size_t i = 0; i < size; ++i)
    static_cast<volatile unsigned char*>(to)[i] = static_cast<unsigned char>(value);
  return to;
}

CSP_HOT void check_copy(void* to, const void* from, std::size_t size, Address pc) {
  read_by_library(static_cast<const char*>(from), size, pc);
  write_by_library(static_cast<char*>(to), size, pc);
}

}  // namespace

void initialize_mem() {
  real_memcpy.get();
  real_memmove.get();
  real_memset.get();
}

extern "C" {

CSP_DEFINE(void*, memcpy, void* to, const void* from, std::size_t size) {
  if (checks_memory(CSP_CALLER_PC)) check_copy(to, from, size, CSP_CALLER_PC);
  return copy(to, from, size);
}

CSP_DEFINE(void*, memmove, void* to, const void* from, std::size_t size) {
  if (checks_memory(CSP_CALLER_PC)) check_copy(to, from, size, CSP_CALLER_PC);
  return move(to, from, size);
}

CSP_DEFINE(void*, memset, void* to, int value, std::size_t size) {
  if (checks_memory(CSP_CALLER_PC)) write_by_library(static_cast<char*>(to), size, CSP_CALLER_PC);
  return fill(to, value, size);
}

CSP_DEFINE(void*, __tsan_memcpy, void* to, const void* from, std::size_t size) {
  if (!bypass()) check_copy(to, from, size, CSP_CALLER_PC);
  return copy(to, from, size);
}

CSP_DEFINE(void*, __tsan_memmove, void* to, const void* from, std::size_t size) {
  if (!bypass()) check_copy(to, from, size, CSP_CALLER_PC);
  return move(to, from, size);
}

CSP_DEFINE(void*, __tsan_memset, void* to, int value, std::size_t size) {
  if (!bypass()) write_by_library(static_cast<char*>(to), size, CSP_CALLER_PC);
  return fill(to, value, size);
}

// An overflow is the real one's to report.
CSP_INTERCEPT(void*, __memcpy_chk, void* to, const void* from, std::size_t size, std::size_t room) {
  if (size <= room && checks_memory(CSP_CALLER_PC)) check_copy(to, from, size, CSP_CALLER_PC);
  return real___memcpy_chk(to, from, size, room);
}

CSP_INTERCEPT(void*, __memmove_chk, void* to, const void* from, std::size_t size, std::size_t room) {
  if (size <= room && checks_memory(CSP_CALLER_PC)) check_copy(to, from, size, CSP_CALLER_PC);
  return real___memmove_chk(to, from, size, room);
}

CSP_INTERCEPT(void*, __memset_chk, void* to, int value, std::size_t size, std::size_t room) {
  if (size <= room && checks_memory(CSP_CALLER_PC)) write_by_library(static_cast<char*>(to), size, CSP_CALLER_PC);
  return real___memset_chk(to, value, size, room);
}

CSP_INTERCEPT(int, memcmp, const void* left, const void* right, std::size_t size) {
  if (checks_memory(CSP_CALLER_PC)) {
    const auto* a = static_cast<const unsigned char*>(left);
    const auto* b = static_cast<const unsigned char*>(right);
    std::size_t read = 0;
    while (read < size && a[read] == b[read]) ++read;
    if (read < size) ++read;  // The bytes that differ were read too.
    read_by_library(a, read, CSP_CALLER_PC);
    read_by_library(b, read, CSP_CALLER_PC);
  }
  return real_memcmp(left, right, size);
}

CSP_INTERCEPT(void*, memchr, const void* memory, int value, std::size_t size) {
  void* found = real_memchr(memory, value, size);
  if (checks_memory(CSP_CALLER_PC)) {
    const auto* begin = static_cast<const char*>(memory);
    read_by_library(begin, found != nullptr ? static_cast<std::size_t>(static_cast<char*>(found) - begin) + 1 : size,
                    CSP_CALLER_PC);
  }
  return found;
}

}  // extern "C"
}  // namespace csp::race
