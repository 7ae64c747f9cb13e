#pragma once
// Interception: functions of libc, libstdc++ and the compilers that the detector stands in front of.
//
// Each family has a file. A function of ours has the name of the one it stands in for, is found first by the dynamic
// linker because it is in the executable, does the real thing, and says in the detector's verbs what
// that meant. What it never does: fail where the real one succeeds, change errno, or allocate from the program's heap.
//
// Rules all families keep
//   (1) bypass() first: before the detector is up, and inside it, an interceptor is the real function.
//   (2) An edge is announced on the right side of the real call: releases before it, acquires after it.
//   (3) Memory is checked in the user's name only when code compiled with -fsanitize=thread made the call
//       (instrumented.h). Other libraries order their accesses by means we cannot see; to check
//       them would be to accuse the innocent.

namespace csp::race {

/// Links every family into the program, finds the real functions, and registers what must be told of forks and thread
/// ends. Called once, by initialize(), before bypass() turns false.
void initialize_interceptors();

}  // namespace csp::race
