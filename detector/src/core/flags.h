#pragma once
// Options: one table, flags.inc, from which the fields, their defaults and the parser are made.

namespace csp::race {

struct Flags {
#define CSP_FLAG(type, name, value, help) type name = value;
#include "core/flags.inc"
#undef CSP_FLAG
};

extern Flags flags;

/// Reads $CSP_RACE_OPTIONS: `name=value` pairs, separated by colons, commas or spaces. Says on stderr what it does not know.
void parse_flags(const char* options);

/// Ends the process with `exitcode`, after the records are complete.
[[noreturn]] void halt();

}  // namespace csp::race
