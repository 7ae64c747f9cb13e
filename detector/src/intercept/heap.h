#pragma once

#include <cstddef>

#include "base/base.h"

namespace csp::race {

// What malloc and operator new have in common. `pc` is the user's line. Null when there is no memory.
void* heap_allocate(std::size_t size, Address pc);
void* heap_allocate_aligned(std::size_t alignment, std::size_t size, Address pc);
void heap_free(void* block, Address pc);

}  // namespace csp::race
