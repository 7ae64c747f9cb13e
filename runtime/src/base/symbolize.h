#pragma once
// From addresses to names and lines, in the running process.

#include <cstddef>
#include <cstdint>

namespace csp::rt {

/// A place in the source. Strings are valid during the visit only.
struct Symbol {
  const char* function;   // Demangled, with parameters; "" when unknown.
  const char* file;       // As the compiler saw it; "" when unknown.
  int line;               // 0 when unknown.
  std::uintptr_t offset;  // Of the address within the function, or within the module when nothing else is known.
};

/// Visits what is at the return address `pc`: functions inlined there, innermost first, then the one
/// they are in. At least one visit. Allocates, and takes a lock: not for signal handlers, but for dying ones.
void symbolize(const void* pc, void (*visit)(void* context, const Symbol& symbol), void* context);

/// The part of a demangled name that identifies a function: its qualified name, without return type, parameters and
/// qualifiers ("ns::f<int>" for "void ns::f<int>(int) const"). Writes it, NUL-terminated, into `out`; cuts it at
/// `size`.
void qualified_name(const char* function, char* out, std::size_t size);

/// "int", "std::runtime_error", ... for the mangled name of a type. Needs no free; lives for ever or until the next
/// call.
const char* demangle_type(const char* mangled);

}  // namespace csp::rt
