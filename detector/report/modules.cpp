#include "modules.h"

#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <sys/mman.h>

#include "csp/report/system.h"

namespace csp::report {
namespace {

constexpr std::size_t kTableBytes = ModuleTable::kCapacity * sizeof(Module);

Module* map_table() {
  const long mapped = system_call(SYS_mmap, nullptr, kTableBytes, PROT_READ | PROT_WRITE,
                                  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0L);
  return mapped < 0 && mapped > -4096 ? nullptr : reinterpret_cast<Module*>(mapped);
}

// What the symbolic link `link` says, "" when it cannot be read.
void read_link(const char* link, char* path, std::size_t capacity) {
  const long size = system_call(SYS_readlinkat, AT_FDCWD, link, path, capacity - 1);
  path[size > 0 ? size : 0] = '\0';
}

// The absolute path of the file that `name` names now.
void absolute_path(const char* name, char* path, std::size_t capacity) {
  copy(path, capacity, name);
  if (name[0] == '/') return;
  const long fd = system_call(SYS_openat, AT_FDCWD, name, O_PATH | O_CLOEXEC, 0);
  if (fd < 0) return;
  char link[40] = "/proc/self/fd/";
  char digits[20];
  std::size_t count = 0;
  for (long rest = fd; rest != 0 || count == 0; rest /= 10) digits[count++] = static_cast<char>('0' + rest % 10);
  std::size_t end = length(link);
  while (count != 0) link[end++] = digits[--count];
  link[end] = '\0';
  read_link(link, path, capacity);
  system_call(SYS_close, fd);
}

constexpr std::size_t round_up(std::size_t size) { return (size + 3) & ~std::size_t{3}; }

void read_build_id(Module& module, std::uintptr_t notes, std::size_t size) {
  std::size_t at = 0;
  while (at + sizeof(ElfW(Nhdr)) <= size) {
    const auto* note = reinterpret_cast<const ElfW(Nhdr)*>(notes + at);
    const std::size_t name = at + sizeof *note;
    const std::size_t content = name + round_up(note->n_namesz);
    if (content + note->n_descsz > size) return;
    const char* owner = reinterpret_cast<const char*>(notes + name);
    if (note->n_type == NT_GNU_BUILD_ID && note->n_namesz == 4 && equal(owner, "GNU")) {
      const auto* bytes = reinterpret_cast<const unsigned char*>(notes + content);
      for (std::size_t i = 0; i < note->n_descsz && i < sizeof module.build_id; ++i) {
        module.build_id[module.build_id_size++] = bytes[i];
      }
      return;
    }
    at = content + round_up(note->n_descsz);
  }
}

struct Collection {
  Module* modules;
  std::size_t count;
  bool first;
};

int collect_one(dl_phdr_info* info, std::size_t /*size*/, void* context) {
  auto& found = *static_cast<Collection*>(context);
  const bool is_executable = found.first;
  found.first = false;
  if (found.count == ModuleTable::kCapacity) return 1;
  Module& module = found.modules[found.count];
  module.bias = info->dlpi_addr;
  module.low = UINTPTR_MAX;
  for (int i = 0; i < info->dlpi_phnum; ++i) {
    const auto& segment = info->dlpi_phdr[i];
    if (segment.p_type != PT_LOAD) continue;
    const std::uintptr_t low = module.bias + segment.p_vaddr;
    if (low < module.low) module.low = low;
    if (low + segment.p_memsz > module.high) module.high = low + segment.p_memsz;
  }
  if (is_executable) {
    read_link("/proc/self/exe", module.path, sizeof module.path);
  } else if (info->dlpi_name != nullptr) {
    absolute_path(info->dlpi_name, module.path, sizeof module.path);
  }
  // The kernel's own page of code (vdso) has no file to look into.
  if (module.high == 0 || module.path[0] != '/') return 0;
  for (int i = 0; i < info->dlpi_phnum && module.build_id_size == 0; ++i) {
    const auto& segment = info->dlpi_phdr[i];
    if (segment.p_type == PT_NOTE) read_build_id(module, module.bias + segment.p_vaddr, segment.p_memsz);
  }
  ++found.count;
  return 0;
}

bool same(const Module& a, const Module& b) { return a.low == b.low && a.high == b.high && equal(a.path, b.path); }

// Field by field and only as much of the path as there is: most of the 4 KiB is never touched.
void assign(Module& to, const Module& from) {
  copy(to.path, sizeof to.path, from.path);
  to.bias = from.bias;
  to.low = from.low;
  to.high = from.high;
  to.build_id_size = from.build_id_size;
  for (std::size_t i = 0; i < from.build_id_size; ++i) to.build_id[i] = from.build_id[i];
}

}  // namespace

const Module* ModuleTable::find(std::uintptr_t address) const {
  for (std::size_t i = size_; i != 0; --i) {
    const Module& module = modules_[i - 1];
    if (module.low <= address && address < module.high) return &module;
  }
  return nullptr;
}

bool ModuleTable::merge(const Module* found, std::size_t count) {
  if (modules_ == nullptr) modules_ = map_table();
  if (modules_ == nullptr) return false;
  for (std::size_t i = 0; i < count; ++i) {
    bool known = false;
    for (std::size_t j = 0; j < size_ && !known; ++j) known = same(modules_[j], found[i]);
    if (known) continue;
    if (size_ == kCapacity) return false;
    assign(modules_[size_++], found[i]);
  }
  return true;
}

Module* ModuleTable::collect(std::size_t* count) {
  Collection found{map_table(), 0, true};
  if (found.modules != nullptr) dl_iterate_phdr(collect_one, &found);
  *count = found.count;
  return found.modules;
}

void ModuleTable::release(Module* found) {
  if (found != nullptr) system_call(SYS_munmap, found, kTableBytes);
}

}  // namespace csp::report
