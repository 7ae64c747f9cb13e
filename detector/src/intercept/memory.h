#pragma once
// Memory that library functions touch in the user's name.

#include "core/detector.h"
#include "intercept/instrumented.h"

namespace csp::race {

/// Whether a call from `pc` is checked as if its body were written there.
inline bool checks_memory(Address pc) { return !bypass() && in_instrumented_code(pc); }

template <class T>
void read_by_library(const T* address, std::size_t size, Address pc) {
  if (size != 0) range_read(reinterpret_cast<Address>(address), size, pc);
}
template <class T>
void write_by_library(T* address, std::size_t size, Address pc) {
  if (size != 0) range_write(reinterpret_cast<Address>(address), size, pc);
}

}  // namespace csp::race
