// The only source file that does not include own_builtins.h: it would name itself.

using Size = decltype(sizeof 0);

// The empty statement keeps the compiler from seeing a memcpy in the loop of memcpy.
#define CSP_NO_IDIOM __asm__ volatile("")

extern "C" {

void* csp_own_memcpy(void* to, const void* from, Size size);
void* csp_own_memmove(void* to, const void* from, Size size);
void* csp_own_memset(void* to, int value, Size size);
Size csp_own_strlen(const char* text);

void* csp_own_memcpy(void* to, const void* from, Size size) {
  auto* target = static_cast<unsigned char*>(to);
  const auto* source = static_cast<const unsigned char*>(from);
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
