#include "symbolize/origin.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace csp::cli {

namespace {

constexpr std::array<std::string_view, 3> kRuntimePrefixes = {"csp::", "__tsan_", "csp_hooks_"};

constexpr std::array<std::string_view, 10> kSystemPrefixes = {
    "std::",      "__gnu_cxx::", "__cxxabiv1::", "boost::",   "__libc_",
    "__pthread_", "_dl_",        "_Unwind_",     "testing::", "_GLOBAL__sub_I_"};

// C functions that the detector takes the place of, or that every program starts and ends in.
constexpr std::array<std::string_view, 44> kSystemFunctions = {"_start",
                                                               "start_thread",
                                                               "clone",
                                                               "clone3",
                                                               "make_fcontext",
                                                               "jump_fcontext",
                                                               "ontop_fcontext",
                                                               "malloc",
                                                               "calloc",
                                                               "realloc",
                                                               "free",
                                                               "memalign",
                                                               "aligned_alloc",
                                                               "posix_memalign",
                                                               "valloc",
                                                               "pvalloc",
                                                               "malloc_usable_size",
                                                               "memcpy",
                                                               "memmove",
                                                               "memset",
                                                               "memcmp",
                                                               "strcpy",
                                                               "strncpy",
                                                               "strlen",
                                                               "strdup",
                                                               "exit",
                                                               "_exit",
                                                               "fork",
                                                               "pthread_create",
                                                               "pthread_join",
                                                               "pthread_detach",
                                                               "pthread_mutex_lock",
                                                               "pthread_mutex_unlock",
                                                               "pthread_mutex_trylock",
                                                               "pthread_cond_wait",
                                                               "pthread_cond_signal",
                                                               "pthread_cond_broadcast",
                                                               "pthread_once",
                                                               "pthread_rwlock_rdlock",
                                                               "pthread_rwlock_wrlock",
                                                               "pthread_rwlock_unlock",
                                                               "operator new",
                                                               "operator new[]",
                                                               "operator delete"};

template <std::size_t n>
bool starts_with_any(std::string_view text, const std::array<std::string_view, n>& prefixes) {
  return std::any_of(prefixes.begin(), prefixes.end(),
                     [&](std::string_view prefix) { return text.starts_with(prefix); });
}

bool is_system_path(std::string_view path) {
  return path.starts_with("/usr/include/") || path.starts_with("/usr/lib/") || path.starts_with("/lib/") ||
         path.starts_with("/lib64/") || path.starts_with("/usr/local/include/boost/");
}

// Where our libraries were compiled from, which is what their debug information says.
bool is_our_source(std::string_view path) {
  constexpr std::string_view root = CSP_RACE_SOURCE_ROOT;
  if (!path.starts_with(root)) return false;
  path.remove_prefix(root.size());
  return path.starts_with("/runtime/") || path.starts_with("/detector/");
}

// A function that is local to a template's instance is named with that one's return type in front:
// "void csp::WaitGroup::go<...>(...)::{lambda()#1}::operator()".
std::string_view without_return_type(std::string_view function) {
  if (function.starts_with("operator")) return function;
  std::size_t begin = 0;
  int depth = 0;
  for (std::size_t i = 0; i < function.size(); ++i) {
    if (function[i] == '<') ++depth;
    if (function[i] == '>') --depth;
    if (depth == 0 && function[i] == '(') break;
    if (depth == 0 && function[i] == ' ') begin = i + 1;
  }
  return function.substr(begin);
}

}  // namespace

Origin origin_of(const Frame& frame) {
  const std::string_view name = without_return_type(frame.function);
  if (starts_with_any(name, kRuntimePrefixes)) return Origin::kRuntime;
  if (starts_with_any(name, kSystemPrefixes) || frame.function.starts_with("operator delete") ||
      std::find(kSystemFunctions.begin(), kSystemFunctions.end(), frame.function) != kSystemFunctions.end()) {
    return Origin::kSystem;
  }
  // GCC gives functions that are local to a file, as instances for a lambda are, no qualified name.
  if (frame.place.path.find("/include/csp/") != std::string::npos || is_our_source(frame.place.path)) return Origin::kRuntime;
  if (is_system_path(frame.place.path)) return Origin::kSystem;
  if (frame.place.path.empty() && (is_system_path(frame.module) || frame.module.empty())) return Origin::kSystem;
  return Origin::kProject;
}

const Frame* first_of_project(const Stack& stack) {
  for (const Frame& frame : stack) {
    if (frame.origin == Origin::kProject) return &frame;
  }
  for (const Frame& frame : stack) {
    if (frame.origin != Origin::kRuntime) return &frame;
  }
  return stack.empty() ? nullptr : &stack.front();
}

bool has_project_frame(const Stack& stack) {
  return std::any_of(stack.begin(), stack.end(), [](const Frame& frame) { return frame.origin == Origin::kProject; });
}

Stack of_project(const Stack& stack) {
  Stack result;
  std::copy_if(stack.begin(), stack.end(), std::back_inserter(result),
               [](const Frame& frame) { return frame.origin == Origin::kProject; });
  return result.empty() ? stack : result;
}

}  // namespace csp::cli
