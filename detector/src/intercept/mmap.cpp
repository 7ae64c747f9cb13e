// Memory that the program maps, moves and unmaps.

#include <sys/mman.h>

#include "intercept/families.h"
#include "intercept/real_function.h"

namespace csp::race {
namespace {

void* mapped(void* address, std::size_t size) {
  if (address != MAP_FAILED && !bypass()) memory_mapped(address_of(address), size);
  return address;
}

}  // namespace

void initialize_mmap() {}

extern "C" {

CSP_INTERCEPT(void*, mmap, void* address, std::size_t size, int protection, int flags, int file, off_t offset) {
  return mapped(real_mmap(address, size, protection, flags, file, offset), size);
}

CSP_INTERCEPT(void*, mmap64, void* address, std::size_t size, int protection, int flags, int file, off_t offset) {
  return mapped(real_mmap64(address, size, protection, flags, file, offset), size);
}

CSP_INTERCEPT(int, munmap, void* address, std::size_t size) {
  // Before: once it is unmapped, another thread may be given the same addresses.
  if (!bypass()) memory_unmapped(address_of(address), size);
  return real_munmap(address, size);
}

// The last parameter is there only with MREMAP_FIXED; handing on whatever is in its register is harmless.
CSP_INTERCEPT(void*, mremap, void* address, std::size_t old_size, std::size_t size, int flags, void* new_address) {
  if (!bypass()) memory_unmapped(address_of(address), old_size);
  return mapped(real_mremap(address, old_size, size, flags, new_address), size);
}

}  // extern "C"
}  // namespace csp::race
