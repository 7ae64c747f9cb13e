#pragma once
// The end of the process with status 2, in Go's words.

#include "csp/hooks.h"

namespace csp::rt {

/// Prints "fatal error: <message>" and the calling goroutine's stack, and ends the process with status 2.
/// For what a program cannot recover from. Does not return, allocate or run destructors.
[[noreturn]] void fatal(const char* message);

class DyingWords;

/// Says how to print who calls fatal(), and from where. Set once, by the scheduler.
void set_caller_printer(void (*print)(DyingWords& words));

/// A report being written to standard error before the process ends: text is collected in a fixed
/// buffer and written in large pieces, so that it stays in one piece. Only one thread ever gets past begin.
class DyingWords {
 public:
  /// Announces the death, then writes "<prefix><message>\n\n". Other threads that come here afterwards sleep for ever.
  DyingWords(hooks::Death death, const char* prefix, const char* message);
  DyingWords& text(const char* text);
  DyingWords& number(unsigned long long value, unsigned base = 10);
  /// Ends the process.
  [[noreturn]] void die();

 private:
  void put(char c);
  void flush();
  unsigned size_ = 0;
  char buffer_[4096];
};

}  // namespace csp::rt
