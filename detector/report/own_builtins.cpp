// The only source file that does not include own_builtins.h: it would name itself.

using Size = decltype(sizeof 0);

// The empty statement keeps the compiler from seeing a memcpy in the loop of memcpy.
#define CSP_NO_IDIOM __asm__ volatile("")

// From here on the processor's string instructions are faster than a loop.
[[maybe_unused]] static constexpr Size kLong = 64;

extern "C" {

void* csp_own_memcpy(void* to, const void* from, Size size);
void* csp_own_memmove(void* to, const void* from, Size size);
void* csp_own_memset(void* to, int value, Size size);
Size csp_own_strlen(const char* text);

void* csp_own_memcpy(void* to, const void* from, Size size) {
  auto* target = static_cast<unsigned char*>(to);
  const auto* source = static_cast<const unsigned char*>(from);
#if defined(__x86_64__)
  if (size >= kLong) {
    __asm__ volatile("rep movsb" : "+D"(target), "+S"(source), "+c"(size) : : "memory");
    return to;
  }
#endif
  for (Size i = 0; i < size; ++i) {
    target[i] = source[i];
    CSP_NO_IDIOM;
  }
  return to;
}

void* csp_own_memmove(void* to, const void* from, Size size) {
  auto* target = static_cast<unsigned char*>(to);
  const auto* source = static_cast<const unsigned char*>(from);
  if (target < source) return csp_own_memcpy(to, from, size);
  for (Size i = size; i != 0; --i) {
    target[i - 1] = source[i - 1];
    CSP_NO_IDIOM;
  }
  return to;
}

void* csp_own_memset(void* to, int value, Size size) {
  auto* target = static_cast<unsigned char*>(to);
#if defined(__x86_64__)
  if (size >= kLong) {
    __asm__ volatile("rep stosb" : "+D"(target), "+c"(size) : "a"(value) : "memory");
    return to;
  }
#endif
  for (Size i = 0; i < size; ++i) {
    target[i] = static_cast<unsigned char>(value);
    CSP_NO_IDIOM;
  }
  return to;
}

Size csp_own_strlen(const char* text) {
  Size size = 0;
  while (text[size] != '\0') {
    ++size;
    CSP_NO_IDIOM;
  }
  return size;
}

}  // extern "C"
