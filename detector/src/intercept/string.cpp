// Strings that end in a zero, read and written by libc in the user's name. What is read is what decides the
// answer: a string is read up to its end only where the function must know it.

#include <cstddef>

#include "intercept/families.h"
#include "intercept/memory.h"
#include "intercept/real_function.h"

namespace csp::race {
namespace {

/// Bytes of a string of at most `max` characters, with its zero if it has one in there.
std::size_t bytes_of(const char* text, std::size_t max) {
  std::size_t length = 0;
  while (length < max && text[length] != 0) ++length;
  return length < max ? length + 1 : max;
}

std::size_t bytes_of(const char* text) { return string_length(text) + 1; }

/// Bytes that decide how two strings compare, looking at no more than `max`.
std::size_t bytes_compared(const char* a, const char* b, std::size_t max) {
  std::size_t length = 0;
  while (length < max && a[length] == b[length] && a[length] != 0) ++length;
  return length < max ? length + 1 : max;
}

void check_compare(const char* a, const char* b, std::size_t max, Address pc) {
  const std::size_t size = bytes_compared(a, b, max);
  read_by_library(a, size, pc);
  read_by_library(b, size, pc);
}

void check_copy(char* to, const char* from, Address pc) {
  const std::size_t size = bytes_of(from);
  read_by_library(from, size, pc);
  write_by_library(to, size, pc);
}

/// Appends `size` bytes of `from`, the last of which becomes the zero.
void check_append(char* to, const char* from, std::size_t read, std::size_t written, Address pc) {
  const std::size_t end = string_length(to);
  read_by_library(to, end, pc);
  read_by_library(from, read, pc);
  write_by_library(to + end, written, pc);
}

}  // namespace

void initialize_string() {}

extern "C" {

CSP_INTERCEPT(std::size_t, strlen, const char* text) {
  if (checks_memory(CSP_CALLER_PC)) read_by_library(text, bytes_of(text), CSP_CALLER_PC);
  return real_strlen(text);
}

CSP_INTERCEPT(std::size_t, strnlen, const char* text, std::size_t max) {
  if (checks_memory(CSP_CALLER_PC)) read_by_library(text, bytes_of(text, max), CSP_CALLER_PC);
  return real_strnlen(text, max);
}

CSP_INTERCEPT(int, strcmp, const char* a, const char* b) {
  if (checks_memory(CSP_CALLER_PC)) check_compare(a, b, SIZE_MAX, CSP_CALLER_PC);
  return real_strcmp(a, b);
}

CSP_INTERCEPT(int, strncmp, const char* a, const char* b, std::size_t max) {
  if (checks_memory(CSP_CALLER_PC)) check_compare(a, b, max, CSP_CALLER_PC);
  return real_strncmp(a, b, max);
}

CSP_INTERCEPT(char*, strchr, const char* text, int character) {
  char* found = real_strchr(text, character);
  if (checks_memory(CSP_CALLER_PC)) {
    read_by_library(text, found != nullptr ? static_cast<std::size_t>(found - text) + 1 : bytes_of(text),
                    CSP_CALLER_PC);
  }
  return found;
}

CSP_INTERCEPT(char*, strrchr, const char* text, int character) {
  if (checks_memory(CSP_CALLER_PC)) read_by_library(text, bytes_of(text), CSP_CALLER_PC);
  return real_strrchr(text, character);
}

CSP_INTERCEPT(char*, strstr, const char* text, const char* part) {
  char* found = real_strstr(text, part);
  if (checks_memory(CSP_CALLER_PC)) {
    const std::size_t part_size = bytes_of(part);
    read_by_library(text, found != nullptr ? static_cast<std::size_t>(found - text) + part_size - 1 : bytes_of(text),
                    CSP_CALLER_PC);
    read_by_library(part, part_size, CSP_CALLER_PC);
  }
  return found;
}

CSP_INTERCEPT(char*, strcpy, char* to, const char* from) {
  if (checks_memory(CSP_CALLER_PC)) check_copy(to, from, CSP_CALLER_PC);
  return real_strcpy(to, from);
}

CSP_INTERCEPT(char*, stpcpy, char* to, const char* from) {
  if (checks_memory(CSP_CALLER_PC)) check_copy(to, from, CSP_CALLER_PC);
  return real_stpcpy(to, from);
}

CSP_INTERCEPT(char*, strncpy, char* to, const char* from, std::size_t size) {
  if (checks_memory(CSP_CALLER_PC)) {
    read_by_library(from, bytes_of(from, size), CSP_CALLER_PC);
    write_by_library(to, size, CSP_CALLER_PC);  // It fills up with zeroes.
  }
  return real_strncpy(to, from, size);
}

CSP_INTERCEPT(char*, strcat, char* to, const char* from) {
  if (checks_memory(CSP_CALLER_PC)) check_append(to, from, bytes_of(from), bytes_of(from), CSP_CALLER_PC);
  return real_strcat(to, from);
}

CSP_INTERCEPT(char*, strncat, char* to, const char* from, std::size_t max) {
  if (checks_memory(CSP_CALLER_PC)) {
    std::size_t length = 0;
    while (length < max && from[length] != 0) ++length;
    check_append(to, from, bytes_of(from, max), length + 1, CSP_CALLER_PC);
  }
  return real_strncat(to, from, max);
}

// The copy is allocated, and that is announced, by malloc.
CSP_INTERCEPT(char*, strdup, const char* text) {
  if (checks_memory(CSP_CALLER_PC)) read_by_library(text, bytes_of(text), CSP_CALLER_PC);
  return real_strdup(text);
}

CSP_INTERCEPT(char*, strndup, const char* text, std::size_t max) {
  if (checks_memory(CSP_CALLER_PC)) read_by_library(text, bytes_of(text, max), CSP_CALLER_PC);
  return real_strndup(text, max);
}

// The fortified ones. An overflow is the real one's to report.
CSP_INTERCEPT(char*, __strcpy_chk, char* to, const char* from, std::size_t room) {
  if (checks_memory(CSP_CALLER_PC) && bytes_of(from) <= room) check_copy(to, from, CSP_CALLER_PC);
  return real___strcpy_chk(to, from, room);
}

CSP_INTERCEPT(char*, __strncpy_chk, char* to, const char* from, std::size_t size, std::size_t room) {
  if (checks_memory(CSP_CALLER_PC) && size <= room) {
    read_by_library(from, bytes_of(from, size), CSP_CALLER_PC);
    write_by_library(to, size, CSP_CALLER_PC);
  }
  return real___strncpy_chk(to, from, size, room);
}

CSP_INTERCEPT(char*, __strcat_chk, char* to, const char* from, std::size_t room) {
  if (checks_memory(CSP_CALLER_PC) && string_length(to) + bytes_of(from) <= room) {
    check_append(to, from, bytes_of(from), bytes_of(from), CSP_CALLER_PC);
  }
  return real___strcat_chk(to, from, room);
}

}  // extern "C"
}  // namespace csp::race
