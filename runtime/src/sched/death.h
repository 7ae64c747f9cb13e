#pragma once
// How a program dies of its goroutines: an exception that leaves one, a deadlock, a stack that is too small.

namespace csp::rt {

/// Takes over std::terminate (for goroutines only) and SIGSEGV (for stack overflows only). Called once.
void install_death();

/// Gives the calling OS thread a stack for signal handlers: the goroutine's own may be what overflowed.
void use_alternate_signal_stack();

/// Every goroutine is asleep: prints all of them.
[[noreturn]] void die_of_deadlock();

}  // namespace csp::rt
