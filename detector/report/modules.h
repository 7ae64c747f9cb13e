#pragma once
// The executable and the shared libraries of this process: what turns a return address into a place in a file.

#include <cstddef>
#include <cstdint>

namespace csp::report {

struct Module {
  char path[4096];
  std::uintptr_t bias;  // Address in the file + bias = address in memory.
  std::uintptr_t low;   // The mapped range, [low, high).
  std::uintptr_t high;
  unsigned char build_id[32];
  std::size_t build_id_size;  // 0 when it has none.
};

/// Modules in the order in which they were first seen. Unloaded ones stay, for the stacks that name them; one
/// that is mapped where another has been comes later and is the one that find() returns.
///
/// Not thread-safe, but for collect().
class ModuleTable {
 public:
  static constexpr std::size_t kCapacity = 1024;

  std::size_t size() const { return size_; }
  const Module& operator[](std::size_t i) const { return modules_[i]; }
  const Module* find(std::uintptr_t address) const;

  /// Adds those of the `count` modules at `found` that are not there yet. False when the table is full.
  bool merge(const Module* found, std::size_t count);

  /// What is loaded now, in memory of its own, `count` of them; null without memory. Takes the dynamic linker's lock,
  /// so call it with no lock of ours held. release() it.
  static Module* collect(std::size_t* count);
  static void release(Module* found);

 private:
  Module* modules_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace csp::report
