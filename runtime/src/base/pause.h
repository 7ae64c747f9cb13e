#pragma once

namespace csp::rt {

/// Tells the processor that we are spinning.
inline void cpu_pause() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

}  // namespace csp::rt
