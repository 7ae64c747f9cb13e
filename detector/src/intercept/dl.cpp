// Libraries loaded and unloaded while the program runs.

#include <dlfcn.h>

#include "csp/report/report.h"
#include "intercept/families.h"
#include "intercept/real_function.h"

namespace csp::race {
namespace {

// A library's memory may be where another's was: what was done to that one happens before this one is there.
alignas(8) char loader[8];

bool in_executable(Address pc) {
  dl_find_object caller{};
  dl_find_object own{};
  return _dl_find_object(reinterpret_cast<void*>(pc), &caller) == 0 && _dl_find_object(loader, &own) == 0 &&
         caller.dlfo_link_map == own.dlfo_link_map;
}

}  // namespace

void initialize_dl() {}

extern "C" {

CSP_INTERCEPT(void*, dlopen, const char* file, int mode) {
  if (!bypass()) acquire(address_of(loader));
  // Where the loader looks depends on who asks, and it knows that by the return address. From another library than
  // ours we must not be on the stack: this call is a jump, and the module is reported when the next one is loaded, or
  // when a finding is published.
  if (bypass() || !in_executable(CSP_CALLER_PC)) return real_dlopen(file, mode);
  void* handle = real_dlopen(file, mode);
  if (handle != nullptr) report::refresh_modules();
  return handle;
}

CSP_INTERCEPT(int, dlclose, void* handle) {
  if (!bypass()) release_merge(address_of(loader));
  return real_dlclose(handle);
}

}  // extern "C"
}  // namespace csp::race
