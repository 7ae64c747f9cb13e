#pragma once
// Globals that lead to waiting goroutines without being a way to wake them.
//
// The leak tracker asks what the program can still reach. A queue of waiters refers to the stacks of all
// who wait; if that counted, nobody who waits could be proven leaked. So such globals are kept apart, and
// hooks::Inspector announces the place as private.

/// Before the definition of a global: puts it among the private ones.
#define CSP_PRIVATE_DATA [[gnu::section("csp_private")]]

// Made by the linker; null in a program that links none of them.
extern "C" [[gnu::weak]] char __start_csp_private[];
extern "C" [[gnu::weak]] char __stop_csp_private[];
