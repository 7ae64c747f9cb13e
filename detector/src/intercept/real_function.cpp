#include "intercept/real_function.h"

#include <dlfcn.h>
#include <cerrno>

namespace csp::race {

void* find_real(const char* name, const char* version) {
  // dlsym may allocate: that goes through our malloc, which must take it for what it is.
  const BypassScope bypassed;
  const int saved_errno = errno;
  void* found = version != nullptr ? dlvsym(RTLD_NEXT, name, version) : nullptr;
  if (found == nullptr) found = dlsym(RTLD_NEXT, name);
  errno = saved_errno;
  return found;
}

void die_without_real(const char* name) {
  char text[256] = "no library has the function that was called, or the program is linked statically: ";
  std::size_t end = string_length(text);
  for (const char* c = name; *c != 0 && end + 1 < sizeof text; ++c) text[end++] = *c;
  die(text);
}

}  // namespace csp::race
